package cloudchamber.client;

import cloudchamber.coordinator.grade.AnswerGroups;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.method.Answers;
import cloudchamber.coordinator.method.catalog.SharedGenerations;
import cloudchamber.coordinator.method.catalog.SharedGenerations.Generation;
import cloudchamber.coordinator.report.Run;
import cloudchamber.coordinator.report.Series;
import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Turns what a server says of a problem into a line of results, and lines into what the report reads. */
public final class SweepLines {
    /** The version of a line written now. */
    private static final int SCHEMA = 1;

    private static final double MAX_LOG_ODDS = 700;

    private SweepLines() {}

    /**
     * A line for one problem of one cell.
     *
     * @param job the job that served it; of more generations than the cell where work is shared
     * @param extraction how answers are found; null for the first edition of the rules
     * @param solved the problem as the server tells it
     */
    static ObjectNode line(Cell cell, CellJob job, String grader, Extraction extraction, String gold, JsonNode solved) {
        boolean shared = !cell.method().equals(job.method());
        var equal = Graders.of(grader, extraction);
        var view = shared ? served(cell, equal, solved) : own(solved);
        var line = ApiClient.JSON.createObjectNode();
        line.put("schema", SCHEMA)
                .put("cell", cell.id())
                .put("problem", solved.path("id").asText())
                .put("dataSet", cell.dataSet())
                .put("policy", cell.policy())
                .put("prm", cell.prm());
        line.set("method", Json.tree(cell.method()));
        line.put("budget", cell.method().budget())
                .put("temperature", cell.temperature())
                .put("seed", cell.seed());
        line.set("axes", Json.tree(new TreeMap<>(cell.axes())));
        line.put("status", solved.path("status").asText());
        line.set("answer", view.path("answer"));
        line.put("gold", gold).put("grader", grader);
        if (extraction != null) {
            line.set("extraction", Json.tree(extraction));
        }
        var correct = line.putObject("correct");
        for (var id : graders(grader)) {
            correct.put(id, right(Graders.of(id, extraction), view.path("answer"), gold));
        }
        line.set("posterior", view.path("posterior"));
        line.set("logEvidence", view.path("logEvidence"));
        int steps = 0;
        var particles = line.putArray("particles");
        for (var particle : view.path("particles")) {
            var own = particles.addObject();
            own.set("answer", particle.path("answer"));
            own.set("weight", particle.path("weight"));
            var last = particle.path("steps").path(particle.path("steps").size() - 1);
            own.set("logOdds", last.path("logOdds").isNumber() ? last.path("logOdds") : ApiClient.JSON.nullNode());
            own.put("correct", right(equal, particle.path("answer"), gold));
            own.put("steps", particle.path("steps").size());
            steps += particle.path("steps").size();
        }
        line.put("steps", steps);
        var rounds = line.putArray("rounds");
        for (var round : view.path("rounds")) {
            int size = Math.max(1, round.path("ancestors").size());
            rounds.addObject()
                    .put("round", round.path("round").asInt())
                    .put("essShare", round.path("ess").asDouble() / size)
                    .put("ancestorShare", (double) distinct(round.path("ancestors")) / size);
        }
        line.set("cost", cost(cell, job, solved.path("cost"), shared));
        line.put("latencyMillis", solved.path("cost").path("wallMillis").asLong());
        line.put("job", job.id()).put("shared", shared);
        return line;
    }

    private static List<String> graders(String grader) {
        return grader.equals("math") ? List.of("math", "math-paper") : List.of(grader);
    }

    private static boolean right(Grader grader, JsonNode answer, String gold) {
        return answer.isTextual() && grader.correct(answer.asText(), gold);
    }

    private static int distinct(JsonNode ancestors) {
        var seen = new HashSet<Integer>();
        ancestors.forEach(ancestor -> seen.add(ancestor.asInt()));
        return seen.size();
    }

    private static ObjectNode own(JsonNode solved) {
        return (ObjectNode) solved;
    }

    /** What the cell's own method makes of the first generations of a larger job. */
    private static ObjectNode served(Cell cell, Grader grader, JsonNode solved) {
        var generations = new ArrayList<Generation>();
        for (var particle : solved.path("particles")) {
            var text = new StringBuilder();
            particle.path("steps").forEach(step -> text.append(step.path("text").asText()));
            var last = particle.path("steps").path(particle.path("steps").size() - 1);
            generations.add(new Generation(
                    text.toString(),
                    last.path("logOdds").isNumber() ? last.path("logOdds").asDouble() : null));
        }
        int budget = cell.method().budget();
        var outcome = SharedGenerations.outcome(cell.method(), generations, Answers.of(grader));
        ObjectNode view = ApiClient.JSON.createObjectNode();
        view.put("answer", outcome.answer());
        view.set("posterior", Json.tree(outcome.posterior()));
        view.putNull("logEvidence");
        var particles = view.putArray("particles");
        for (int slot = 0; slot < budget; slot++) {
            ObjectNode particle = solved.path("particles").get(slot).deepCopy();
            particle.put("weight", outcome.particles().get(slot).weight());
            particles.add(particle);
        }
        return view;
    }

    /** A shared job's cost is the cells' by their generations; votes that look at no scores pay for none. */
    private static JsonNode cost(Cell cell, CellJob job, JsonNode cost, boolean shared) {
        if (!shared) {
            return cost;
        }
        double share = (double) cell.method().budget() / job.method().budget();
        boolean scored = !cell.method().id().equals("self-consistency");
        ObjectNode part = ApiClient.JSON.createObjectNode();
        cost.properties().forEach(field -> {
            boolean prm = field.getKey().startsWith("prm");
            part.put(
                    field.getKey(),
                    field.getKey().equals("wallMillis")
                            ? field.getValue().asLong()
                            : prm && !scored ? 0 : Math.round(field.getValue().asLong() * share));
        });
        return part;
    }

    // ---- for the report

    /** What the report reads from lines. A series is called by its method and the axes that vary among the lines. */
    public static List<Run> runs(List<JsonNode> lines) {
        var names = Series.names(
                lines.stream().<Map<String, String>>map(SweepLines::axes).toList());
        return IntStream.range(0, lines.size())
                .mapToObj(place -> run(lines.get(place), names.get(place)))
                .toList();
    }

    private static TreeMap<String, String> axes(JsonNode line) {
        var axes = new TreeMap<String, String>();
        axes.put("dataSet", line.path("dataSet").asText());
        axes.put("policy", line.path("policy").asText());
        axes.put("prm", line.path("prm").asText());
        axes.put("method", line.path("method").path("id").asText());
        axes.put("temperature", line.path("temperature").asText());
        line.path("axes")
                .properties()
                .forEach(axis -> axes.put(axis.getKey(), axis.getValue().asText()));
        return axes;
    }

    private static Run run(JsonNode line, String series) {
        var grader = line.path("grader").asText();
        var method = line.path("method").path("id").asText();
        var axes = axes(line);
        axes.put("budget", line.path("budget").asText());
        var correct = line.path("correct");
        boolean right = correct.path(grader).asBoolean();
        var cost = line.path("cost");
        return new Run(
                series,
                axes,
                line.path("budget").asInt(),
                line.path("seed").asLong(),
                line.path("dataSet").asText(),
                line.path("problem").asText(),
                right,
                correct.has("math-paper") ? correct.path("math-paper").asBoolean() : right,
                particles(line, Graders.of(grader, extraction(line.path("extraction")))),
                List.of("self-consistency", "best-of-n", "weighted-best-of-n").contains(method),
                StreamSupport.stream(line.path("rounds").spliterator(), false)
                        .map(round -> new Run.Round(
                                round.path("essShare").asDouble(),
                                round.path("ancestorShare").asDouble()))
                        .toList(),
                cost.path("promptTokens").asLong()
                        + cost.path("completionTokens").asLong(),
                cost.path("prmTokens").asLong(),
                line.path("latencyMillis").asLong());
    }

    /** How answers were found; null where that was written before it was a setting. */
    public static Extraction extraction(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        var stops = new ArrayList<String>();
        node.path("stops").forEach(stop -> stops.add(stop.asText()));
        return new Extraction(
                node.path("rules").asInt(),
                node.path("format").asText(null),
                node.path("pattern").asText(null),
                stops);
    }

    private static List<Run.Particle> particles(JsonNode line, Grader grader) {
        var answers = new ArrayList<Optional<String>>();
        line.path("particles")
                .forEach(particle -> answers.add(
                        particle.path("answer").isTextual()
                                ? Optional.of(particle.path("answer").asText())
                                : Optional.empty()));
        var groups = AnswerGroups.of(grader, answers);
        var elected = line.path("answer");
        var particles = new ArrayList<Run.Particle>();
        int place = 0;
        for (var particle : line.path("particles")) {
            var logOdds = particle.path("logOdds");
            particles.add(new Run.Particle(
                    logOdds.isNumber() ? probability(logOdds.asDouble()) : null,
                    particle.path("weight").asDouble(),
                    groups.groupOf().get(place),
                    particle.path("correct").asBoolean(),
                    elected.isTextual()
                            && answers.get(place)
                                    .filter(answer -> answer.equals(elected.asText())
                                            || grader.equivalent(answer, elected.asText()))
                                    .isPresent()));
            place++;
        }
        return particles;
    }

    private static double probability(double logOdds) {
        return 1 / (1 + Math.exp(-Math.clamp(logOdds, -MAX_LOG_ODDS, MAX_LOG_ODDS)));
    }
}
