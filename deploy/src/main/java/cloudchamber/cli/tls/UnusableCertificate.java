package cloudchamber.cli.tls;

/** A certificate or a key that is missing, broken, expired or another's; its message is for the user. */
public final class UnusableCertificate extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnusableCertificate(String message) {
        super(message);
    }
}
