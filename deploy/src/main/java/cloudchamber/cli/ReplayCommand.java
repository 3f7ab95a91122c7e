package cloudchamber.cli;

import cloudchamber.cli.options.ServerAddress;
import cloudchamber.client.ApiClient;
import cloudchamber.console.ExitCode;
import cloudchamber.console.Progress;
import cloudchamber.console.Text;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers a finished job under another law. */
@Command(
        name = "replay",
        description = {
            "Answers a finished job again under another target, aggregation or selection, from its journal alone: no"
                    + " model is asked.",
            "The recorded particles are weighed anew. ESS says how many of them the new weights leave: read it before"
                    + " the answers, for a law far from the recorded one leaves few."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "What an option leaves out is as recorded. Runs of the targets paper and its-hub, and of methods that sample"
                    + " no stated law, are refused.",
            "Exit code 1 says that no problem could be replayed.",
            "",
            "  ./cloudchamber replay JOB --target product",
            "  ./cloudchamber replay JOB --aggregation min --selection argmax --json"
        })
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String id;

    @Option(names = "--target", paramLabel = "ID", description = "The distribution: final, product or final-log.")
    private String target;

    @Option(names = "--temperature", paramLabel = "T", description = "The softmax temperature of the target.")
    private String temperature;

    @Option(
            names = "--aggregation",
            paramLabel = "ID",
            description = "How step scores become one: last, model, min, product or mean.")
    private String aggregation;

    @Option(
            names = "--selection",
            paramLabel = "ID",
            description = "How the answer is chosen: vote, argmax, draw or best-score.")
    private String selection;

    @Mixin
    private ServerAddress server;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() {
        var api = server.api();
        var total = api.job(id).path("counts").path("total").asLong();
        var report = ApiClient.JSON.createObjectNode().put("job", id);
        var replays = report.putArray("problems");
        try (var progress = Progress.of("replay", total)) {
            api.eachProblem(id, problem -> {
                replays.add(api.replay(id, problem.path("id").asText(), query()));
                progress.at(replays.size());
            });
        }
        var out = specification.commandLine().getOut();
        if (server.json()) {
            out.println(report);
        } else {
            print(out, replays);
        }
        out.flush();
        return replays.valueStream().allMatch(ReplayCommand::isRefused) ? ExitCode.FAILED : ExitCode.OK;
    }

    private String query() {
        return Stream.of(
                        parameter("target", target),
                        parameter("temperature", temperature),
                        parameter("aggregation", aggregation),
                        parameter("selection", selection))
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("&"));
    }

    private static String parameter(String name, String value) {
        return value == null ? "" : name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static boolean isRefused(JsonNode replay) {
        return !replay.path("refused").isNull();
    }

    private static void print(PrintWriter out, ArrayNode replays) {
        out.printf(Locale.ROOT, "%-14s %-20s %-20s %18s%n", "problem", "recorded", "replayed", "ESS of particles");
        int changed = 0;
        for (var replay : replays) {
            var problem = Text.shown(replay.path("problem").asText(), 14);
            var recorded = Text.shown(replay.path("recordedAnswer").asText("none"), 20);
            if (isRefused(replay)) {
                out.printf(
                        Locale.ROOT,
                        "%-14s %-20s refused: %s%n",
                        problem,
                        recorded,
                        replay.path("refused").asText());
            } else {
                changed += replay.path("recordedAnswer").equals(replay.path("answer")) ? 0 : 1;
                out.printf(
                        Locale.ROOT,
                        "%-14s %-20s %-20s %9.1f of %5d%n",
                        problem,
                        recorded,
                        Text.shown(replay.path("answer").asText("none"), 20),
                        replay.path("ess").asDouble(),
                        replay.path("particles").asInt());
            }
        }
        out.printf(
                Locale.ROOT,
                "%d problems: %d replayed, %d refused; %d answers changed%n",
                replays.size(),
                replays.valueStream().filter(replay -> !isRefused(replay)).count(),
                replays.valueStream().filter(ReplayCommand::isRefused).count(),
                changed);
    }
}
