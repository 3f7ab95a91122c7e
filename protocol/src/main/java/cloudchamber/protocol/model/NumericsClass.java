package cloudchamber.protocol.model;

/**
 * Two workers of one numerics class compute identical bits from identical requests.
 *
 * @param library the library build, or the name of a backend that is exact by itself
 * @param variant the family of processor kernels
 * @param weights SHA-256 of the weights, in hexadecimal
 * @param context the context settings that move bits
 */
public record NumericsClass(String library, String variant, String weights, String context) {
    public NumericsClass {
        Checks.notBlank(library, "library");
        Checks.notBlank(variant, "variant");
        Checks.notBlank(weights, "weights");
        Checks.notBlank(context, "context");
    }

    /** What models of one kind have in common on equal machines: {@code LIBRARY/VARIANT}. */
    public String family() {
        return library + "/" + variant;
    }

    /** One line that names the class; equal exactly when the classes are. */
    public String id() {
        return library + "/" + variant + "/" + weights.substring(0, Math.min(12, weights.length())) + "/" + context;
    }
}
