package cloudchamber.worker.remote;

import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.worker.ServedModel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** How a model behind a server is announced. */
public final class RemoteModel {
    private RemoteModel() {}

    /**
     * The announcement. A server does not show its weights: what is hashed is what it says it is. Its numbers
     * depend on what shares its batch, so its class promises nothing beyond "the same software and model".
     *
     * @param model as the server names it
     * @param exactness in a word
     */
    public static ServedModel served(
            String name,
            int slots,
            String software,
            String model,
            String template,
            String exactness,
            int contextTokens) {
        var sha256 = sha256(software + "\n" + model + "\n" + template);
        return new ServedModel(
                name, sha256, template, new NumericsClass(software, "remote", sha256, exactness), slots, contextTokens);
    }

    /** SHA-256 of a text, in hexadecimal. */
    public static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
