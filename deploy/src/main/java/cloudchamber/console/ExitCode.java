package cloudchamber.console;

/** What the commands exit with. */
public final class ExitCode {
    private ExitCode() {}

    public static final int OK = 0;
    /** The work was done and something in it failed, or a published figure was not met. */
    public static final int FAILED = 1;
    /** The command was not understood. */
    public static final int USAGE = 2;
    /** What the command needs is not there: a server, a file, a model, a tool. */
    public static final int UNAVAILABLE = 3;
}
