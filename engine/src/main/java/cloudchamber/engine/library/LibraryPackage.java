package cloudchamber.engine.library;

import java.util.Arrays;
import java.util.Optional;

/** The packages of the npm family that hold llama.cpp v0.5.0 for Linux on x86-64, pinned. */
public enum LibraryPackage {
    /** For processors: one file of kernels for each family of them. */
    CPU(
            "cpu",
            "@node-llama-cpp/linux-x64",
            "sha512-5uCCDNqWCNfaAm8aR/Uzxbo4HBpKgNF91kCHPepKhgMgV2OAmatoefbOlMihsqCiH2Od35E/eUHQCFbfRBJuOg==",
            11),
    /** The same, and kernels for NVIDIA's GPUs. */
    CUDA(
            "cuda",
            "@node-llama-cpp/linux-x64-cuda",
            "sha512-8rQCjyNNLZJUFit+YpjwlC4hwkKgOMIkB2wuycKBf8NU2O3ySKbiWZQ8aw9ku2nUTXjSnUIrE6KB88itduTBuA==",
            143),
    /** The same, and kernels for GPUs with Vulkan. */
    VULKAN(
            "vulkan",
            "@node-llama-cpp/linux-x64-vulkan",
            "sha512-bBxqU+JOcBu1nb5Qj2zcMci+JByT1E8EajHvYodyNfVIPkEhXh+/HMwR1/BT7xP08YK0hks+kM8fglER0P8JEg==",
            24);

    /** The version of all of them. */
    public static final String VERSION = "3.22.1";

    /** The release of llama.cpp in them. */
    public static final String RELEASE = "v0.5.0";

    private final String id;
    private final String npmName;
    private final String integrity;
    private final int megabytes;

    LibraryPackage(String id, String npmName, String integrity, int megabytes) {
        this.id = id;
        this.npmName = npmName;
        this.integrity = integrity;
        this.megabytes = megabytes;
    }

    /** The package with this id. */
    public static Optional<LibraryPackage> byId(String id) {
        return Arrays.stream(values()).filter(one -> one.id.equals(id)).findFirst();
    }

    /** As the command line spells it. */
    public String id() {
        return id;
    }

    /** What npm is asked for. */
    public String npmName() {
        return npmName;
    }

    /** The digest of the archive as npm writes it: {@code sha512-} and base64. */
    public String integrity() {
        return integrity;
    }

    /** The size of the archive. */
    public int megabytes() {
        return megabytes;
    }

    /** The folder it is installed in, by its own name. */
    public String folder() {
        return "llama-" + RELEASE + "-" + id;
    }
}
