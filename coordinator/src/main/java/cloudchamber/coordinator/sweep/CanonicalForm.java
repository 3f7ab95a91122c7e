package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.DvtsSettings;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text of a configuration that the ids of a sweep's jobs and cells are hashes of. The ids are stored and repeated
 * by clients, so the text never changes:
 *
 * <pre>
 * configuration = set "|" policy "|" prm "|" number "|" form "|" rest "|" seed     the number is the temperature
 * set           = name "|" sha256 "|" grader "|" systemPrompt "|" list             the ids of its problems
 * rest          = topK "|" number "|" number "|" form "|" list                     topP, minP, the limits, the stops
 * form          = name "[" [ key "=" value *( ", " key "=" value ) ] "]"
 * value         = number | whole number | "true" | "false" | NAME | form
 * list          = "[" [ text *( ", " text ) ] "]"                                  nothing is escaped
 * number        = as {@link Double#toString(double)} writes it
 * </pre>
 *
 * A system prompt that is missing is written {@code null}, and NAME is the name of an enum's constant. The names and
 * keys are those of the records of the schema 4 and are frozen here: a record or a component that is renamed keeps
 * its name in this text. The keys of a form stand in a fixed order. A setting that came later follows them, and only
 * if its value is not the one that means the behaviour from before there was such a setting: see {@link #later}. The
 * records are taken apart here by all their components, so that one with a component more does not compile before it
 * has its place in the text.
 */
final class CanonicalForm {
    private static final String SEPARATOR = "|";

    private final String name;
    private final List<String> entries = new ArrayList<>();

    private CanonicalForm(String name) {
        this.name = name;
    }

    /**
     * The settings that came after schema 4. They stand at the end of the limits, before the data set's extraction.
     *
     * @param templateArguments null for none
     */
    record Later(EndAtAnswer endAtAnswer, Thinking thinking, String templateArguments) {
        /** What was done before there was a choice. */
        static final Later AS_EVER = new Later(EndAtAnswer.AT_MARK, Thinking.FREE, null);

        private CanonicalForm addedTo(CanonicalForm form) {
            return form.later("endAtAnswer", endAtAnswer.id(), EndAtAnswer.AT_MARK.id())
                    .later("maxThinkingTokens", String.valueOf(thinking.maxTokens()), "null")
                    .later("unscoredThoughts", Boolean.toString(thinking.unscored()), "false")
                    .later("templateArguments", String.valueOf(templateArguments), "null");
        }
    }

    /** The text of one configuration without {@link Later} settings. */
    static String of(
            DataSet dataSet,
            String policy,
            String prm,
            double temperature,
            CanonicalForm method,
            Sampling sampling,
            Limits limits,
            List<String> stops,
            long seed) {
        return of(dataSet, policy, prm, temperature, method, sampling, limits, stops, seed, Later.AS_EVER);
    }

    /** The text of one configuration on one data set with one seed; of {@code sampling} all but the temperature. */
    static String of(
            DataSet dataSet,
            String policy,
            String prm,
            double temperature,
            CanonicalForm method,
            Sampling sampling,
            Limits limits,
            List<String> stops,
            long seed,
            Later later) {
        return String.join(
                SEPARATOR,
                dataSet.name(),
                dataSet.sha256(),
                dataSet.grader(),
                dataSet.systemPrompt() == null ? "null" : dataSet.systemPrompt(),
                list(dataSet.items().stream().map(Item::id).toList()),
                policy,
                prm,
                Double.toString(temperature),
                method.text(),
                sampling(sampling),
                later.addedTo(limits(limits))
                        .later("extraction", extraction(dataSet.extraction()), extraction(Extraction.STANDARD))
                        .text(),
                list(stops),
                Long.toString(seed));
    }

    /** The usual one stands for what was done before there was a choice, too. */
    private static String extraction(Extraction found) {
        return switch (found == null ? Extraction.STANDARD : found) {
            case Extraction(var rules, var format, var pattern, var stops) ->
                rules + " " + format + " " + pattern + " " + list(stops);
        };
    }

    static CanonicalForm of(MethodSettings method) {
        return switch (method) {
            case GreedySettings() -> new CanonicalForm("GreedySettings");
            case SelfConsistencySettings(var particles) ->
                new CanonicalForm("SelfConsistencySettings").with("particles", particles);
            case BestOfNSettings(var particles, var aggregation) ->
                new CanonicalForm("BestOfNSettings")
                        .with("particles", particles)
                        .with("aggregation", aggregation);
            case WeightedBestOfNSettings(var particles, var aggregation) ->
                new CanonicalForm("WeightedBestOfNSettings")
                        .with("particles", particles)
                        .with("aggregation", aggregation);
            case BeamSearchSettings(var particles, var beamWidth, var aggregation, var selection) ->
                new CanonicalForm("BeamSearchSettings")
                        .with("particles", particles)
                        .with("beamWidth", beamWidth)
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case DvtsSettings(var particles, var beamWidth, var aggregation, var selection) ->
                new CanonicalForm("DvtsSettings")
                        .with("particles", particles)
                        .with("beamWidth", beamWidth)
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case RebaseSettings(var particles, var softmaxTemperature, var aggregation, var selection) ->
                new CanonicalForm("RebaseSettings")
                        .with("particles", particles)
                        .with("softmaxTemperature", softmaxTemperature)
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case ParticleFilterSettings(
                    var particles,
                    var target,
                    var resampling,
                    var essThreshold,
                    var softmaxTemperature,
                    var aggregation,
                    var selection,
                    var branching,
                    var potential,
                    var certificate) ->
                new CanonicalForm("ParticleFilterSettings")
                        .with("particles", particles)
                        .with("target", target)
                        .with("resampling", resampling)
                        .with("essThreshold", essThreshold)
                        .with("softmaxTemperature", schedule(softmaxTemperature))
                        .with("aggregation", aggregation)
                        .with("selection", selection)
                        .with("branching", branching)
                        .with("potential", potential)
                        .with("certificate", certificate);
            case ParticleGibbsSettings(
                    var particles,
                    var iterations,
                    var burnIn,
                    var target,
                    var resampling,
                    var essThreshold,
                    var softmaxTemperature,
                    var aggregation,
                    var selection) ->
                new CanonicalForm("ParticleGibbsSettings")
                        .with("particles", particles)
                        .with("iterations", iterations)
                        .with("burnIn", burnIn)
                        .with("target", target)
                        .with("resampling", resampling)
                        .with("essThreshold", essThreshold)
                        .with("softmaxTemperature", schedule(softmaxTemperature))
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case ParallelTemperingSettings(
                    var chains,
                    var particles,
                    var iterations,
                    var burnIn,
                    var target,
                    var resampling,
                    var essThreshold,
                    var softmaxTemperature,
                    var ladderRatio,
                    var aggregation,
                    var selection) ->
                new CanonicalForm("ParallelTemperingSettings")
                        .with("chains", chains)
                        .with("particles", particles)
                        .with("iterations", iterations)
                        .with("burnIn", burnIn)
                        .with("target", target)
                        .with("resampling", resampling)
                        .with("essThreshold", essThreshold)
                        .with("softmaxTemperature", softmaxTemperature)
                        .with("ladderRatio", ladderRatio)
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case IslandsSettings(
                    var chains,
                    var particles,
                    var target,
                    var resampling,
                    var essThreshold,
                    var softmaxTemperature,
                    var aggregation,
                    var selection) ->
                new CanonicalForm("IslandsSettings")
                        .with("chains", chains)
                        .with("particles", particles)
                        .with("target", target)
                        .with("resampling", resampling)
                        .with("essThreshold", essThreshold)
                        .with("softmaxTemperature", schedule(softmaxTemperature))
                        .with("aggregation", aggregation)
                        .with("selection", selection);
            case EntropicParticleFilterSettings(
                    var particles,
                    var target,
                    var resampling,
                    var essThreshold,
                    var tempering,
                    var earlyPhase,
                    var corrected,
                    var lookAhead,
                    var aggregation,
                    var selection) ->
                new CanonicalForm("EntropicParticleFilterSettings")
                        .with("particles", particles)
                        .with("target", target)
                        .with("resampling", resampling)
                        .with("essThreshold", essThreshold)
                        .with("tempering", tempering)
                        .with("earlyPhase", earlyPhase)
                        .with("corrected", corrected)
                        .with("lookAhead", lookAhead)
                        .with("aggregation", aggregation)
                        .with("selection", selection);
        };
    }

    private static String sampling(Sampling sampling) {
        return switch (sampling) {
            case Sampling(var temperature, var topK, var topP, var minP) ->
                String.join(SEPARATOR, Integer.toString(topK), Double.toString(topP), Double.toString(minP));
        };
    }

    private static CanonicalForm limits(Limits limits) {
        return switch (limits) {
            case Limits(var maxSteps, var maxStepTokens, var maxTokens) ->
                new CanonicalForm("Limits")
                        .with("maxSteps", maxSteps)
                        .with("maxStepTokens", maxStepTokens)
                        .with("maxTokens", maxTokens);
        };
    }

    private static CanonicalForm schedule(TemperatureSchedule schedule) {
        return switch (schedule) {
            case TemperatureSchedule(var start, var end, var rounds) ->
                new CanonicalForm("TemperatureSchedule")
                        .with("start", start)
                        .with("end", end)
                        .with("rounds", rounds);
        };
    }

    private static String list(List<String> texts) {
        return texts.stream().collect(Collectors.joining(", ", "[", "]"));
    }

    // ---- entries

    private CanonicalForm with(String key, int value) {
        return add(key, Integer.toString(value));
    }

    private CanonicalForm with(String key, double value) {
        return add(key, Double.toString(value));
    }

    private CanonicalForm with(String key, boolean value) {
        return add(key, Boolean.toString(value));
    }

    private CanonicalForm with(String key, Enum<?> value) {
        return add(key, value.name());
    }

    private CanonicalForm with(String key, CanonicalForm value) {
        return add(key, value.text());
    }

    /**
     * Adds a setting that no form had at first.
     *
     * @param value as it is written
     * @param before the value that means what was done before there was the setting; it is left out, so that the
     *     configurations from then keep their ids
     */
    CanonicalForm later(String key, String value, String before) {
        return value.equals(before) ? this : add(key, value);
    }

    private CanonicalForm add(String key, String value) {
        entries.add(key + "=" + value);
        return this;
    }

    private String text() {
        return name + list(entries);
    }
}
