package cloudchamber.protocol.model;

/**
 * A credential. Nothing that prints it shows it.
 *
 * @param value not blank
 */
public record Secret(String value) {
    public Secret {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("a secret must not be blank: was");
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
