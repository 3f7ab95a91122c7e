package cloudchamber.cli.options;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.protocol.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How every command that asks a running server shows who asks, and knows the server. */
public final class Credentials {
    private static final String KEY = "CLOUDCHAMBER_KEY";
    private static final String KEY_FILE = "CLOUDCHAMBER_KEY_FILE";
    private static final String CA_FILE = "CLOUDCHAMBER_CA_FILE";

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = {
                "A file with the API key for the server (default: the file CLOUDCHAMBER_KEY_FILE names, or the key in",
                "CLOUDCHAMBER_KEY). A key is never an argument, which every user of the machine can read."
            })
    private Path keyFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = {
                "The certificates in PEM that an https server's must follow from (default: the file",
                "CLOUDCHAMBER_CA_FILE names, else those the JDK trusts)."
            })
    private Path caFile;

    /** A client of the server. */
    public ApiClient of(String url) {
        var key = key();
        if (key.isPresent() && url.startsWith("http://") && !isThisMachine(url)) {
            System.err.println("cloudchamber: warning: the key goes to " + url + " in the open, without TLS");
        }
        return new ApiClient(
                url, key, Optional.ofNullable(caFile).or(() -> variable(CA_FILE).map(Path::of)));
    }

    private static boolean isThisMachine(String url) {
        return url.matches("http://(localhost|127\\.[0-9.]+|\\[::1])(:.*|/.*)?");
    }

    private Optional<Secret> key() {
        var file = Optional.ofNullable(keyFile).or(() -> variable(KEY_FILE).map(Path::of));
        return file.map(Credentials::read).or(() -> variable(KEY).map(Secret::new));
    }

    private static Secret read(Path file) {
        try {
            var text = Files.readString(file).strip();
            if (text.isEmpty() || text.chars().anyMatch(Character::isWhitespace)) {
                throw new CommandFailure(
                        ExitCode.USAGE, "the key file must have one key and nothing else: " + file + " has not");
            }
            return new Secret(text);
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the key file [" + file + "] must be readable: " + unreadable);
        }
    }

    private static Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name)).map(String::strip).filter(value -> !value.isEmpty());
    }
}
