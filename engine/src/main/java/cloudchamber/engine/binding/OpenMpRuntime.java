package cloudchamber.engine.binding;

/** Which OpenMP runtime the library found in the process. */
public enum OpenMpRuntime {
    /** The system's {@code libgomp.so.1}. */
    SYSTEM("system"),
    /** Our own, with one thread. */
    STAND_IN("stand-in"),
    /** It needs none: it has threads of its own. */
    NONE("none");

    private final String id;

    OpenMpRuntime(String id) {
        this.id = id;
    }

    /** As the property {@code cloudchamber.gomp} spells it. */
    public String id() {
        return id;
    }
}
