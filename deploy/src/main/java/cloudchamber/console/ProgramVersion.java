package cloudchamber.console;

/** The version of this program. */
public final class ProgramVersion {
    public static final String CURRENT = "0.1.0";

    private ProgramVersion() {}
}
