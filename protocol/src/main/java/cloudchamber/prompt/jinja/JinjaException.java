package cloudchamber.prompt.jinja;

/** A template that cannot be read or rendered: the message says what was expected, what was seen and where. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JinjaException(String message) {
        super(message);
    }

    static JinjaException at(int line, String message) {
        return new JinjaException("line " + line + ": " + message);
    }
}
