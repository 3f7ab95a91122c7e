package cloudchamber.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that asks a running server. */
final class ServerAddress {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The server to ask (default: ${DEFAULT-VALUE}).")
    private String url;

    @Option(names = "--json", description = "Print what the server says, one JSON object.")
    private boolean json;

    @Mixin
    private Credentials credentials;

    ApiClient api() {
        return credentials.of(url);
    }

    boolean json() {
        return json;
    }
}
