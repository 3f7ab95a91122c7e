package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.protocol.model.Secret;
import cloudchamber.worker.remote.RemoteSettings;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A model behind a server, as the operator names it: an entry {@code cloudchamber.models.NAME} of the configuration,
 * or in one word {@code KIND:URL?setting=value&…}; that one is called {@code KIND} unless the setting {@code name} says
 * otherwise.
 *
 * <p>The configuration is the file named by {@code CLOUDCHAMBER_CONFIG}, over the program's own. Keys of servers come
 * from there or from the environment, never from the command line.
 *
 * @param name by which jobs ask for the model
 * @param kind which kind of server
 * @param config its settings
 */
public record RemoteModelConfig(String name, String kind, Config config) {
    private static final String PATH = "cloudchamber.models";
    private static final String FILE = "CLOUDCHAMBER_CONFIG";
    private static final Set<String> SETTINGS = Set.of(
            "kind",
            "name",
            "url",
            "model",
            "template",
            "tokenizer",
            "format",
            "api-key",
            "slots",
            "data-parallel-rank",
            "base-timeout",
            "token-timeout",
            "patience",
            "strict-model",
            "max-response-bytes",
            "log-probabilities",
            "good",
            "bad",
            "good-column",
            "rows",
            "beginning",
            "context-tokens");

    /** The entry {@code name} of the configuration, or the one that {@code name} itself spells out. */
    public static Optional<RemoteModelConfig> find(String name) {
        var inline = inline(name);
        return inline.isPresent() ? inline : entry(configuration(), name);
    }

    /** By which name jobs ask for what the command line calls {@code word}. */
    public static String announced(String word) {
        return inline(word).map(RemoteModelConfig::name).orElse(word);
    }

    /** The entry {@code name} of a configuration. */
    static Optional<RemoteModelConfig> entry(Config configuration, String name) {
        if (!configuration.hasPath(PATH)) {
            return Optional.empty();
        }
        var models = configuration.getConfig(PATH);
        // Names may hold dots, which are no paths here.
        var entry = models.root().get(name);
        if (entry == null) {
            return Optional.empty();
        }
        return understood(() -> {
            var config = entry.atKey("entry").getConfig("entry");
            if (!config.hasPath("kind")) {
                throw new IllegalArgumentException(
                        "[" + name + "] must have a kind: has none; a name with dots must stand in quotation marks");
            }
            return checked(new RemoteModelConfig(name, config.getString("kind"), config));
        });
    }

    /** The names the configuration has entries for. */
    public static Set<String> names() {
        var configuration = configuration();
        return configuration.hasPath(PATH)
                ? configuration.getConfig(PATH).root().keySet()
                : Set.of();
    }

    private static Config configuration() {
        var file = Optional.ofNullable(System.getenv(FILE)).map(Path::of);
        if (file.isPresent() && !Files.isReadable(file.get())) {
            throw CommandFailure.unavailable(FILE + " must name a readable file: was [" + file.get() + "]");
        }
        try {
            var own = ConfigFactory.load();
            return file.map(named -> ConfigFactory.parseFile(named.toFile())
                            .withFallback(own)
                            .resolve())
                    .orElse(own);
        } catch (ConfigException malformed) {
            throw CommandFailure.unavailable("the configuration must be HOCON: " + malformed.getMessage());
        }
    }

    /** {@code vllm:http://127.0.0.1:8000?template=qwen2.5-math&slots=64}. */
    private static Optional<RemoteModelConfig> inline(String name) {
        int colon = name.indexOf(':');
        var address = colon < 0 ? "" : name.substring(colon + 1);
        if (!address.startsWith("http://") && !address.startsWith("https://")) {
            return Optional.empty();
        }
        return understood(() -> {
            int query = address.indexOf('?');
            var url = query < 0 ? address : address.substring(0, query);
            var config = ConfigFactory.empty().withValue("url", ConfigValueFactory.fromAnyRef(url));
            for (var setting :
                    query < 0 ? new String[0] : address.substring(query + 1).split("&")) {
                int equals = setting.indexOf('=');
                if (equals < 1) {
                    throw new IllegalArgumentException("settings must be NAME=VALUE: was " + setting);
                }
                if (setting.startsWith("api-key=")) {
                    throw new IllegalArgumentException(
                            "an api-key must stand in the configuration or the environment, where no list of processes"
                                    + " shows it: stood in the model's name");
                }
                config = config.withValue(
                        setting.substring(0, equals),
                        ConfigValueFactory.fromAnyRef(
                                URLDecoder.decode(setting.substring(equals + 1), StandardCharsets.UTF_8)));
            }
            var kind = name.substring(0, colon);
            var announced = config.hasPath("name") ? config.getString("name") : kind;
            return checked(new RemoteModelConfig(announced, kind, config));
        });
    }

    private interface Reading {
        RemoteModelConfig read();
    }

    private static Optional<RemoteModelConfig> understood(Reading reading) {
        try {
            return Optional.of(reading.read());
        } catch (ConfigException | IllegalArgumentException wrong) {
            throw new CommandFailure(ExitCode.USAGE, "a remote model's settings are wrong: " + wrong.getMessage());
        }
    }

    private static RemoteModelConfig checked(RemoteModelConfig model) {
        model.config().root().keySet().stream()
                .filter(setting -> !SETTINGS.contains(setting))
                .findFirst()
                .ifPresent(unknown -> {
                    throw new IllegalArgumentException("a setting must be one of "
                            + SETTINGS.stream().sorted().toList() + ": was " + unknown);
                });
        model.settings();
        return model;
    }

    /** Where the server is and how much is asked of it. */
    public RemoteSettings settings() {
        var settings = RemoteSettings.at(url(config.getString("url")));
        if (config.hasPath("api-key") && !config.getString("api-key").isBlank()) {
            settings = settings.withKey(new Secret(config.getString("api-key")));
        }
        if (config.hasPath("slots")) {
            settings = settings.withSlots(config.getInt("slots"));
        }
        if (config.hasPath("data-parallel-rank")) {
            settings = settings.withDataParallelRank(config.getInt("data-parallel-rank"));
        }
        if (config.hasPath("strict-model")) {
            settings = settings.withStrictModel(config.getBoolean("strict-model"));
        }
        if (config.hasPath("patience")) {
            settings = settings.withPatience(config.getDuration("patience"));
        }
        if (config.hasPath("max-response-bytes")) {
            settings = settings.withMaxResponseBytes(Math.toIntExact(config.getBytes("max-response-bytes")));
        }
        return settings.withTimeouts(
                config.hasPath("base-timeout") ? config.getDuration("base-timeout") : settings.baseTimeout(),
                config.hasPath("token-timeout") ? config.getDuration("token-timeout") : settings.tokenTimeout());
    }

    private static URI url(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException malformed) {
            throw new IllegalArgumentException("url must be a URL: was " + text);
        }
    }

    /** A setting, or what holds without it. */
    String text(String setting, String otherwise) {
        return config.hasPath(setting) ? config.getString(setting) : otherwise;
    }

    boolean flag(String setting) {
        return config.hasPath(setting) && config.getBoolean(setting);
    }

    int number(String setting, int otherwise) {
        return config.hasPath(setting) ? config.getInt(setting) : otherwise;
    }
}
