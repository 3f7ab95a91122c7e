package cloudchamber.cli;

/** Expected trouble of a command: a sentence for the user and an exit code. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static CommandFailure unavailable(String message) {
        return new CommandFailure(ExitCode.UNAVAILABLE, message);
    }

    int exitCode() {
        return exitCode;
    }
}
