package cloudchamber.protocol.model.method;

/** The resampling schemes, by their frozen ids. */
public enum Resampling {
    MULTINOMIAL("multinomial"),
    RESIDUAL("residual"),
    STRATIFIED("stratified"),
    SYSTEMATIC("systematic"),
    /** Systematic, after a random permutation of the particles. */
    SYSTEMATIC_SHUFFLED("systematic-shuffled"),
    /** Srinivasan sampling process. */
    SSP("ssp"),
    /** Fearnhead and Clifford's optimal scheme without replacement. */
    OPTIMAL("optimal");

    private final String id;

    Resampling(String id) {
        this.id = id;
    }

    /** The name in JSON, on the command line and in events. */
    public String id() {
        return id;
    }
}
