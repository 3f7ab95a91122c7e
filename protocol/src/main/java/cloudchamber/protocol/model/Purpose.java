package cloudchamber.protocol.model;

/**
 * What a random stream or a request is for. Part of every random key, so the codes never change;
 * new purposes get new codes.
 */
public enum Purpose {
    /** A policy extends a particle by one step. */
    EXTEND(1),
    /** A policy looks one step ahead of a particle, to judge it; the step is thrown away. */
    LOOK_AHEAD(2),
    /** A PRM scores a prefix. Draws nothing. */
    SCORE(3),
    /** The resampling at the end of a round. */
    RESAMPLE(4),
    /** The draw of the reported answer. */
    SELECT(5),
    /** The draw of the reference trajectory of particle Gibbs. */
    REFERENCE(6),
    /** The acceptance of a swap between two tempered chains. */
    SWAP(7),
    /** The order of particles before a shuffled resampling. */
    SHUFFLE(8);

    private final int code;

    Purpose(int code) {
        this.code = code;
    }

    /** The number that stands for this purpose in random keys. */
    public int code() {
        return code;
    }
}
