package cloudchamber.cli;

import cloudchamber.cli.options.Credentials;
import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Home;
import cloudchamber.console.Text;
import cloudchamber.coordinator.access.KeyOrder;
import cloudchamber.coordinator.access.KeyRole;
import cloudchamber.coordinator.http.cluster.KeyDocument;
import cloudchamber.coordinator.journal.KeyStore;
import cloudchamber.coordinator.journal.PrivateFiles;
import cloudchamber.coordinator.journal.StorageException;
import cloudchamber.coordinator.journal.StorageSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** API keys: made, listed, revoked. */
@Command(
        name = "keys",
        description = "Makes, lists and revokes API keys.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Without a key the API answers everybody on this machine. From the first key on it answers nobody without",
            "one; that first key is an admin's. Roles: read looks, submit also submits, cancels and deletes, admin also",
            "drains workers and makes keys. A key is a tenant's: jobs, sweeps and data sets of another tenant are to it",
            "as if they were not there.",
            "",
            "  ./cloudchamber keys create --role admin --out admin.key    before the server starts",
            "  ./cloudchamber jobs --key-file admin.key                  or CLOUDCHAMBER_KEY_FILE=admin.key",
            "  ./cloudchamber keys create --role submit --tenant night --valid-for 30d --url http://127.0.0.1:8080",
            "  curl -H \"Authorization: Bearer $(cat admin.key)\" http://127.0.0.1:8080/api/v1/jobs"
        })
final class KeysCommand implements Runnable {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})([smhd])");
    private static final long LIMIT_SECONDS = 60;

    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "create, list or revoke must be given: see below");
    }

    /** Where the keys are: a running server, or a database that no server of this machine has open. */
    static final class Place {
        @Option(
                names = "--url",
                paramLabel = "URL",
                description = "Ask this running server, with an admin's key (default: open the database).")
        private String url;

        @Mixin
        private Credentials credentials;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                description = "The data directory of a server that does not run (default: ~/.cloudchamber/data).")
        private Path data;

        @Option(
                names = "--database",
                paramLabel = "URL",
                description = "The database that several coordinators share, running or not (CLOUDCHAMBER_DATABASE).")
        private String database;

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        Optional<ApiClient> api() {
            return Optional.ofNullable(url).map(credentials::of);
        }

        boolean json() {
            return json;
        }

        /** What {@code work} makes of the keys in the database. */
        private <T> T inDatabase(Work<T> work) {
            var folder = data == null ? Home.defaultData() : data;
            var settings = new HashMap<String, Object>(Map.of(
                    "cloudchamber.journal.directory", Home.writable(folder).toString()));
            Optional.ofNullable(database).ifPresent(shared -> settings.put("cloudchamber.journal.url", shared));
            try (var keys = KeyStore.open(
                    StorageSettings.from(ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load())))) {
                return work.with(keys).toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (StorageException unusable) {
                throw CommandFailure.unavailable(
                        unusable.getMessage() + "; a server that runs is asked with --url http://127.0.0.1:8080");
            } catch (ExecutionException failed) {
                if (failed.getCause() instanceof CommandFailure expected) {
                    throw expected;
                }
                throw CommandFailure.unavailable("the database must answer: " + failed.getCause());
            } catch (TimeoutException slow) {
                throw CommandFailure.unavailable("the database must answer within " + LIMIT_SECONDS + " s: did not");
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw CommandFailure.unavailable("interrupted while waiting for the database");
            }
        }
    }

    private interface Work<T> {
        CompletionStage<T> with(KeyStore keys);
    }

    @Command(
            name = "create",
            description = {
                "Makes a key and prints it, this once: only a hash of it is kept. What it is stands on standard error,",
                "so that > FILE keeps the key alone."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "read, submit or admin; each may do what those before it may.")
                    String role,
            @Option(
                            names = "--tenant",
                            paramLabel = "NAME",
                            defaultValue = "default",
                            description = "On whose behalf it asks (default: ${DEFAULT-VALUE}).")
                    String tenant,
            @Option(
                            names = "--name",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What it is called in lists.")
                    String name,
            @Option(
                            names = "--valid-for",
                            paramLabel = "TIME",
                            description = "Such as 90m, 12h or 30d (default: until it is revoked).")
                    String validFor,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description =
                                    "Write the key to a new file that only you may read, and not to the terminal.")
                    Path file,
            @Mixin Place place) {
        requireFree(file);
        var order = order(name, role, tenant, Optional.ofNullable(validFor).map(KeysCommand::duration));
        var made = place.api()
                .map(api -> create(api, order))
                .orElseGet(() -> ApiClient.JSON.valueToTree(place.inDatabase(keys -> create(keys, order))));
        var out = specification.commandLine().getOut();
        if (file != null) {
            write(file, made.path("key").asText());
            ((ObjectNode) made).remove("key");
        }
        if (place.json()) {
            out.println(made);
        } else if (file != null) {
            out.println(made.path("id").asText() + ", role " + made.path("role").asText() + ": the key is in " + file);
        } else {
            specification
                    .commandLine()
                    .getErr()
                    .println(made.path("id").asText() + ", role "
                            + made.path("role").asText() + ", tenant "
                            + made.path("tenant").asText() + ", expires "
                            + (made.path("expiresAt").isNull()
                                    ? "never"
                                    : made.path("expiresAt").asText())
                            + "; the key is shown this once:");
            out.println(made.path("key").asText());
        }
        out.flush();
        return ExitCode.OK;
    }

    /** Before a key is made that could not be written down. */
    private static void requireFree(Path file) {
        if (file != null && Files.exists(file)) {
            throw new CommandFailure(ExitCode.USAGE, "--out must be a new file: [" + file + "] is there");
        }
    }

    private static void write(Path file, String key) {
        try {
            PrivateFiles.write(file, key + "\n");
        } catch (IOException unwritable) {
            throw CommandFailure.unavailable(
                    "[" + file + "] must be writable: " + unwritable + "; the key was made and is lost: revoke it");
        }
    }

    private static JsonNode create(ApiClient api, KeyOrder order) {
        var body = ApiClient.JSON
                .createObjectNode()
                .put("name", order.name())
                .put("role", order.role().id())
                .put("tenant", order.tenant());
        order.validFor().ifPresent(time -> body.put("validForSeconds", time.toSeconds()));
        return api.post("/api/v1/keys", body);
    }

    private static CompletionStage<KeyDocument> create(KeyStore keys, KeyOrder order) {
        return keys.keys().thenCompose(before -> {
            if (before.isEmpty() && order.role() != KeyRole.ADMIN) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        "--role must be admin for the first key, or nobody could make another through the API: was "
                                + order.role().id());
            }
            var issued = order.issue(new SecureRandom(), System.currentTimeMillis());
            return keys.add(issued.row()).thenApply(added -> KeyDocument.of(issued));
        });
    }

    private static KeyOrder order(String name, String role, String tenant, Optional<Duration> validFor) {
        var known = KeyRole.byId(role)
                .orElseThrow(() ->
                        new CommandFailure(ExitCode.USAGE, "--role must be one of " + KeyRole.ids() + ": was " + role));
        try {
            return new KeyOrder(name, known, tenant, validFor);
        } catch (IllegalArgumentException impossible) {
            throw new CommandFailure(ExitCode.USAGE, impossible.getMessage());
        }
    }

    private static Duration duration(String text) {
        var parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new CommandFailure(ExitCode.USAGE, "--valid-for must be such as 90m, 12h or 30d: was " + text);
        }
        long count = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    @Command(
            name = "list",
            description = "Lists every key, oldest first, also those that are no longer valid; no key is shown.",
            mixinStandardHelpOptions = true)
    int list(@Mixin Place place) {
        var listed = place.api().map(api -> api.get("/api/v1/keys")).orElseGet(() -> {
            long now = System.currentTimeMillis();
            return ApiClient.JSON.valueToTree(Map.of(
                    "keys",
                    place.inDatabase(keys -> keys.keys()
                            .thenApply(rows -> rows.stream()
                                    .map(row -> KeyDocument.of(row, now))
                                    .toList()))));
        });
        var out = specification.commandLine().getOut();
        if (place.json()) {
            out.println(listed);
        } else {
            out.printf(
                    "%-22s %-7s %-16s %-8s %-24s %-24s %s%n",
                    "key", "role", "tenant", "status", "created", "expires", "name");
            listed.path("keys")
                    .forEach(key -> out.printf(
                            Locale.ROOT,
                            "%-22s %-7s %-16s %-8s %-24s %-24s %s%n",
                            key.path("id").asText(),
                            key.path("role").asText(),
                            Text.shown(key.path("tenant").asText(), 16),
                            key.path("status").asText(),
                            key.path("createdAt").asText(),
                            key.path("expiresAt").isNull()
                                    ? "never"
                                    : key.path("expiresAt").asText(),
                            Text.shown(key.path("name").asText(), 40)));
        }
        out.flush();
        return ExitCode.OK;
    }

    @Command(
            name = "revoke",
            description = "Ends a key: within 5 seconds every node refuses it, and whoever is logged in with it.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "KEY", description = "The key's id, as list has it.") String id,
            @Mixin Place place) {
        var revoked =
                place.api().map(api -> api.revoke(id)).orElseGet(() -> ApiClient.JSON.valueToTree(revoke(place, id)));
        var out = specification.commandLine().getOut();
        out.println(place.json() ? revoked : revoked.path("id").asText() + " is revoked");
        out.flush();
        return ExitCode.OK;
    }

    private static KeyDocument revoke(Place place, String id) {
        long now = System.currentTimeMillis();
        return place.inDatabase(keys -> keys.revoke(id, now))
                .map(row -> KeyDocument.of(row, now))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.USAGE, "the id of a key was expected, as keys list has it: no key is called " + id));
    }
}
