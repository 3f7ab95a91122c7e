package cloudchamber.coordinator.access;

import cloudchamber.protocol.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An API key: whoever has the text may do what its role allows. 256 random bits leave nothing to guess, so one
 * round of SHA-256 is enough to keep it by.
 *
 * @param text {@code cck_} and 43 characters of base64url
 */
public record ApiKey(Secret text) {
    private static final String PREFIX = "cck_";
    private static final int BYTES = 32;

    /** What may be a key, wherever it stands. */
    public static final Pattern PATTERN = Pattern.compile("cck_[A-Za-z0-9_-]{43}");

    public static ApiKey random(SecureRandom random) {
        return new ApiKey(new Secret(PREFIX + randomText(random)));
    }

    /** Empty if the text cannot be a key. */
    public static Optional<ApiKey> parse(String text) {
        return PATTERN.matcher(text).matches() ? Optional.of(new ApiKey(new Secret(text))) : Optional.empty();
    }

    /** What is kept of the key, in hexadecimal digits. */
    public String hash() {
        return hash(text.value());
    }

    /** 256 random bits in base64url. */
    public static String randomText(SecureRandom random) {
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The SHA-256 of a text in hexadecimal digits. */
    public static String hash(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Whether two texts are equal, in a time that does not tell where they differ. */
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
