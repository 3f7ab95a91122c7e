package cloudchamber.coordinator.dashboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The files of the page, read once. */
public final class Dashboard {
    /*
     * The files are named in files.txt, because a folder inside a jar cannot be listed, and so that nothing but
     * what is named there can ever be served.
     */
    private static final String LIST = "files.txt";
    private static final String PAGE = "index.html";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "woff2", "font/woff2");

    /**
     * What the page may do, said in every answer: scripts, styles, fonts and data of this server only; no inline
     * script, no frame, no form to elsewhere. Text of models reaches the page as text; this holds if that should fail.
     */
    public static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";

    private Dashboard() {}

    /** One file of the page. */
    public static final class File {
        private final String path;
        private final String contentType;
        private final byte[] bytes;
        private final String etag;

        private File(String path, byte[] bytes) {
            this.path = path;
            this.contentType = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
            this.bytes = bytes;
            this.etag = '"' + hash(bytes) + '"';
        }

        /** Where it is asked for: {@code /} or {@code /dashboard/…}. */
        public String path() {
            return path.equals(PAGE) ? "/" : "/dashboard/" + path;
        }

        /** With its charset where it is text. */
        public String contentType() {
            return contentType;
        }

        /** A copy. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** Changes when the bytes do; in quotes. */
        public String etag() {
            return etag;
        }
    }

    /**
     * Every file of the page.
     *
     * @throws IllegalStateException if one that is named is not there: the build is broken
     */
    public static List<File> files() {
        return new String(read(LIST), StandardCharsets.UTF_8)
                .lines()
                .map(path -> new File(path, read(path)))
                .toList();
    }

    private static byte[] read(String path) {
        try (var stream = Dashboard.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("the dashboard must have the file [" + path + "]: has not");
            }
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
