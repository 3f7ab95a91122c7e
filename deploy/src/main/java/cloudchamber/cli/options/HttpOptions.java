package cloudchamber.cli.options;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where the API of a node listens, and its certificate. */
public final class HttpOptions {
    @Option(
            names = "--http-host",
            paramLabel = "ADDRESS",
            description = {
                "The address the API listens on, 0.0.0.0 for all (default: 127.0.0.1). One that others reach needs a",
                "certificate and a key: ./cloudchamber keys create --role admin."
            })
    private String host;

    @Option(
            names = "--http-certificate",
            paramLabel = "FILE",
            description = "The API's certificate in PEM, with those between it and its CA: it speaks HTTPS.")
    private Path certificate;

    @Option(
            names = "--http-key",
            paramLabel = "FILE",
            description = "The private key of the API's certificate in PEM (PKCS #8).")
    private Path key;

    @Option(
            names = "--http-key-store",
            paramLabel = "FILE",
            description = {"Both in one file in PKCS #12 instead; its password: CLOUDCHAMBER_HTTP_KEY_STORE_PASSWORD."})
    private Path keyStore;

    @Option(
            names = "--bootstrap-key-file",
            paramLabel = "FILE",
            description = {
                "The key of the first admin, for a server that has no keys: cck_ and 43 characters of base64url. Only its",
                "hash is stored (CLOUDCHAMBER_BOOTSTRAP_KEY_FILE)."
            })
    private Path bootstrapKey;

    @Option(
            names = "--insecure-http",
            description = {
                "Let the API listen without TLS where others reach it, behind something that does TLS. Keys are",
                "needed all the same."
            })
    private boolean insecure;

    /** What was asked for, by the paths of the settings. */
    public Map<String, Object> settings() {
        var settings = new HashMap<String, Object>();
        put(settings, "host", host);
        put(settings, "tls.certificate", certificate);
        put(settings, "tls.key", key);
        put(settings, "tls.key-store", keyStore);
        put(settings, "bootstrap-key-file", bootstrapKey);
        if (insecure) {
            settings.put("cloudchamber.http.insecure", true);
        }
        return settings;
    }

    private static void put(Map<String, Object> settings, String name, Object value) {
        if (value != null) {
            settings.put("cloudchamber.http." + name, value.toString());
        }
    }
}
