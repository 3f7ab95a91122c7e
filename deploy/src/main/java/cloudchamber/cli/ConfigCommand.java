package cloudchamber.cli;

import cloudchamber.client.ApiClient;
import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the settings are. */
@Command(name = "config", description = "Shows the settings a node would start with.", mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    private static final Pattern SECRET = Pattern.compile("(?i).*(password|secret|token|api-key).*");
    private static final ConfigRenderOptions CONCISE = ConfigRenderOptions.concise();

    @Spec
    private CommandSpec specification;

    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "config needs show: see below");
    }

    @Command(
            name = "show",
            description = "Shows each setting and where it came from. Secrets are not shown.",
            mixinStandardHelpOptions = true,
            footer = {"", "A setting is changed by -Dcloudchamber.http.port=8081 in JAVA_TOOL_OPTIONS."})
    int show(
            @Option(
                            names = "--under",
                            paramLabel = "PATH",
                            defaultValue = "cloudchamber",
                            description = "Only settings under it (default: ${DEFAULT-VALUE}).")
                    String path,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        var config = ConfigFactory.load();
        if (!config.hasPath(path)) {
            throw new CommandFailure(
                    ExitCode.USAGE, "--under must name settings, such as cloudchamber.http: was " + path);
        }
        var settings = config.getConfig(path).entrySet().stream()
                .sorted(Comparator.comparing(Map.Entry::getKey))
                .toList();
        var out = specification.commandLine().getOut();
        if (json) {
            var object = ApiClient.JSON.createObjectNode();
            var list = object.putArray("settings");
            settings.forEach(setting -> list.addObject()
                    .put("path", path + "." + setting.getKey())
                    .put("value", shown(setting))
                    .put("from", origin(setting.getValue())));
            out.println(object);
        } else {
            settings.forEach(setting -> out.printf(
                    Locale.ROOT,
                    "%-58s %-24s %s%n",
                    path + "." + setting.getKey(),
                    shown(setting),
                    origin(setting.getValue())));
        }
        out.flush();
        return ExitCode.OK;
    }

    private static String shown(Map.Entry<String, ConfigValue> setting) {
        var value = setting.getValue().render(CONCISE);
        return SECRET.matcher(setting.getKey()).matches() && !value.equals("\"\"") ? "***" : value;
    }

    /** The file or the property, without the folders before it. */
    private static String origin(ConfigValue value) {
        var origin = value.origin();
        var name = origin.resource() != null ? origin.resource() : origin.description();
        return origin.lineNumber() > 0 && origin.resource() != null ? name + ":" + origin.lineNumber() : name;
    }
}
