package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.sweep.Grid.Variant;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
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
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The ids of jobs and cells are frozen: a sweep that is submitted again finds its jobs by them. {@code
 * golden/grid-ids.txt} has a line for each value of each setting; a later setting adds lines and changes none.
 * {@code -Dgolden.write=true} writes it anew.
 */
class GridIdsTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "grid-ids.txt");
    private static final Sampling SAMPLING = Sampling.atTemperature(.8);
    private static final Limits LIMITS = new Limits(40, 512, 4096);
    private static final List<String> STOPS = List.of("\n\n");
    private static final DataSet SET = new DataSet("sums", "5e".repeat(32), "math", null, items("a", "β"));
    private static final List<MethodSettings> STANDARD = List.of(
            GreedySettings.standard(),
            SelfConsistencySettings.standard(),
            BestOfNSettings.standard(),
            WeightedBestOfNSettings.standard(),
            BeamSearchSettings.standard(),
            DvtsSettings.standard(),
            RebaseSettings.standard(),
            ParticleFilterSettings.standard(),
            ParticleGibbsSettings.standard(),
            ParallelTemperingSettings.standard(),
            IslandsSettings.standard(),
            EntropicParticleFilterSettings.standard());

    @Test
    void idsAreAsEver() throws IOException {
        var ids = ids();
        if (Boolean.getBoolean("golden.write")) {
            Files.write(
                    GOLDEN,
                    ids.entrySet().stream()
                            .map(entry -> entry.getKey() + "\t" + entry.getValue())
                            .toList());
        }
        var frozen = Files.readAllLines(GOLDEN).stream()
                .map(line -> line.split("\t"))
                .collect(Collectors.toMap(line -> line[0], line -> line[1]));

        assertThat(frozen).hasSizeGreaterThan(150);
        assertThat(ids).containsAllEntriesOf(frozen);
    }

    @Test
    void everyMethodIsAmongThem() {
        assertThat(STANDARD)
                .extracting(Object::getClass)
                .containsExactlyInAnyOrder(MethodSettings.class.getPermittedSubclasses());
    }

    /** A setting that an id left out would give two jobs the same one. */
    @Test
    void everyValueOfEverySettingGivesAnIdOfItsOwn() {
        assertThat(ids().values()).doesNotHaveDuplicates();
    }

    /** What there was before has the ids it had, however many settings come. */
    @Test
    void aLaterSettingWithTheValueOfBeforeChangesNoId() {
        for (var method : STANDARD) {
            var frozen = id(method);

            assertThat(frozen).endsWith(hash(CanonicalForm.of(method).later("dummy", "off", "off")));
            assertThat(frozen).doesNotEndWith(hash(CanonicalForm.of(method).later("dummy", "on", "off")));
        }
    }

    private static String hash(CanonicalForm method) {
        return Grid.hash(CanonicalForm.of(SET, "bundled", "bundled", .8, method, SAMPLING, LIMITS, STOPS, 7));
    }

    // ---- what is frozen

    private static Map<String, String> ids() {
        var ids = new LinkedHashMap<String, String>();
        for (var standard : STANDARD) {
            ids.put(standard.id(), id(standard));
            for (var component : standard.getClass().getRecordComponents()) {
                for (var value : values(component)) {
                    with(standard, component, value)
                            .filter(method -> !method.equals(standard))
                            .ifPresent(method ->
                                    ids.put(standard.id() + " " + component.getName() + " " + name(value), id(method)));
                }
            }
        }
        others().forEach((name, grid) -> ids.put(name, id(grid)));
        return ids;
    }

    /** Everything else that a grid has, each away from what is usual. */
    private static Map<String, Grid> others() {
        var method = ParticleFilterSettings.standard();
        var grids = new LinkedHashMap<String, Grid>();
        grids.put("data set name", grid(new DataSet("other", SET.sha256(), "math", null, SET.items()), method));
        grids.put("data set hash", grid(new DataSet("sums", "00".repeat(32), "math", null, SET.items()), method));
        grids.put("data set grader", grid(new DataSet("sums", SET.sha256(), "exact", null, SET.items()), method));
        grids.put(
                "data set system prompt",
                grid(new DataSet("sums", SET.sha256(), "math", "Be | brief, [please].\n", SET.items()), method));
        grids.put(
                "data set system prompt empty",
                grid(new DataSet("sums", SET.sha256(), "math", "", SET.items()), method));
        grids.put("data set one item", grid(new DataSet("sums", SET.sha256(), "math", null, items("a")), method));
        grids.put(
                "data set items",
                grid(new DataSet("sums", SET.sha256(), "math", null, items("a, b", "c]", "\uD83D\uDE00")), method));
        grids.put("policy", grid("other", "bundled", .8, 7, SAMPLING, LIMITS, STOPS));
        grids.put("prm", grid("bundled", "judge:smollm2-135m", .8, 7, SAMPLING, LIMITS, STOPS));
        for (double temperature : List.of(0.0, 1.0, 1e-7, 1.0 / 3, 100.0)) {
            grids.put(
                    "temperature " + temperature, grid("bundled", "bundled", temperature, 7, SAMPLING, LIMITS, STOPS));
        }
        for (long seed : List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE)) {
            grids.put("seed " + seed, grid("bundled", "bundled", .8, seed, SAMPLING, LIMITS, STOPS));
        }
        grids.put("top k", grid("bundled", "bundled", .8, 7, new Sampling(.8, 40, 1, 0), LIMITS, STOPS));
        grids.put("top p", grid("bundled", "bundled", .8, 7, new Sampling(.8, 0, .95, 0), LIMITS, STOPS));
        grids.put("min p", grid("bundled", "bundled", .8, 7, new Sampling(.8, 0, 1, 5e-4), LIMITS, STOPS));
        grids.put("max steps", grid("bundled", "bundled", .8, 7, SAMPLING, new Limits(41, 512, 4096), STOPS));
        grids.put("max step tokens", grid("bundled", "bundled", .8, 7, SAMPLING, new Limits(40, 513, 4096), STOPS));
        grids.put("max tokens", grid("bundled", "bundled", .8, 7, SAMPLING, new Limits(40, 512, 4097), STOPS));
        grids.put("no stop", grid("bundled", "bundled", .8, 7, SAMPLING, LIMITS, List.of()));
        grids.put("stops", grid("bundled", "bundled", .8, 7, SAMPLING, LIMITS, List.of("\n\n", ", ", "]", "Ende")));
        return grids;
    }

    private static List<DataSet.Item> items(String... ids) {
        return Stream.of(ids)
                .map(id -> new DataSet.Item(id, "Evaluate 3 + 4.", "7", Map.of("level", id)))
                .toList();
    }

    private static String id(MethodSettings method) {
        return id(grid(SET, method));
    }

    /** The id of the only job and of the only cell. */
    private static String id(Grid grid) {
        var plan = grid.expand("night");
        assertThat(plan.jobs()).hasSize(1);
        assertThat(plan.cells()).hasSize(1);
        return plan.jobs().getFirst().id() + " " + plan.cells().getFirst().id();
    }

    private static Grid grid(DataSet set, MethodSettings method) {
        return grid(set, method, "bundled", "bundled", .8, 7, SAMPLING, LIMITS, STOPS);
    }

    private static Grid grid(
            String policy,
            String prm,
            double temperature,
            long seed,
            Sampling sampling,
            Limits limits,
            List<String> stops) {
        return grid(SET, ParticleFilterSettings.standard(), policy, prm, temperature, seed, sampling, limits, stops);
    }

    private static Grid grid(
            DataSet set,
            MethodSettings method,
            String policy,
            String prm,
            double temperature,
            long seed,
            Sampling sampling,
            Limits limits,
            List<String> stops) {
        return new Grid(
                List.of(set),
                List.of(policy),
                List.of(prm),
                List.of(temperature),
                List.of(new Variant(method, Map.of())),
                List.of(seed),
                sampling,
                limits,
                stops,
                EndAtAnswer.AT_MARK,
                null,
                null);
    }

    // ---- values of settings

    private static List<Object> values(RecordComponent component) {
        var type = component.getType();
        if (type == int.class) {
            return List.of(1, 2, 8, 64);
        }
        if (type == double.class) {
            return List.of(1e-5, .2, .25, 1.0 / 3, 1.0, 2.0, 123_456.75);
        }
        if (type == boolean.class) {
            return List.of(true, false);
        }
        if (type == TemperatureSchedule.class) {
            return List.of(
                    TemperatureSchedule.constant(.5),
                    new TemperatureSchedule(2, .5, 8),
                    new TemperatureSchedule(1e6, 1e-6, 8),
                    new TemperatureSchedule(2, .5, 9));
        }
        return new ArrayList<>(Arrays.asList(type.getEnumConstants()));
    }

    private static String name(Object value) {
        return switch (value) {
            case Enum<?> constant -> constant.name();
            case TemperatureSchedule(var start, var end, var rounds) -> start + ".." + end + " in " + rounds;
            default -> String.valueOf(value);
        };
    }

    /** The same settings but for one; empty where they do not go together. */
    private static Optional<MethodSettings> with(MethodSettings method, RecordComponent changed, Object value) {
        var components = method.getClass().getRecordComponents();
        var types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        var values = new ArrayList<>();
        try {
            for (var component : components) {
                values.add(
                        component.getName().equals(changed.getName())
                                ? value
                                : component.getAccessor().invoke(method));
            }
            return Optional.of((MethodSettings)
                    method.getClass().getDeclaredConstructor(types).newInstance(values.toArray()));
        } catch (InvocationTargetException refused) {
            return Optional.empty();
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
