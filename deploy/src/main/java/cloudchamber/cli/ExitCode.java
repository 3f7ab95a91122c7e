package cloudchamber.cli;

/** What the commands exit with. */
final class ExitCode {
    private ExitCode() {}

    static final int OK = 0;
    /** The work was done and something in it failed, or a published figure was not met. */
    static final int FAILED = 1;
    /** The command was not understood. */
    static final int USAGE = 2;
    /** What the command needs is not there: a server, a file, a model, a tool. */
    static final int UNAVAILABLE = 3;
}
