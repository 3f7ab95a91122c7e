package cloudchamber.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How long the slots of the workers of each model were busy, and what they read and wrote meanwhile. The ratio of the
 * two, a slot's seconds for a token, says what tokens cost; it holds also while others use the same workers.
 */
public final class SlotTime {
    /*
     * The server is asked now and then how many requests each worker runs; between two answers a worker is taken to
     * have run the mean of both. Tokens are the workers' own counts, so that a repeated attempt counts with its time.
     */
    private static final String FILE = "slots.json";
    private static final String POLICY = "policy";
    private static final String PRM = "prm";
    private static final double NANOS_A_SECOND = 1e9;
    /** A longer gap says that nobody looked. */
    private static final double MAX_GAP_SECONDS = 30;

    private record Seen(int running, long tokens) {}

    /** What the workers of one model did. */
    private record Pool(double busySeconds, double tokens, int slots) {
        Pool plus(double seconds, double more, int now) {
            return new Pool(busySeconds + seconds, tokens + more, Math.max(slots, now));
        }
    }

    private final Map<String, Pool> pools = new TreeMap<>();
    private Map<String, Seen> workers = Map.of();
    private long lastNanos;

    /** What was measured for a folder before. */
    public static SlotTime at(Path folder) {
        var time = new SlotTime();
        var file = folder.resolve(FILE);
        try {
            if (Files.isRegularFile(file)) {
                ApiClient.JSON
                        .readTree(Files.readString(file))
                        .properties()
                        .forEach(pool -> time.pools.put(
                                pool.getKey(),
                                new Pool(
                                        pool.getValue().path("busySeconds").asDouble(),
                                        pool.getValue().path("tokens").asDouble(),
                                        pool.getValue().path("slots").asInt())));
            }
        } catch (IOException unreadable) {
            time.pools.clear();
        }
        return time;
    }

    public void keep(Path folder) {
        ObjectNode json = ApiClient.JSON.createObjectNode();
        pools.forEach((name, pool) -> json.putObject(name)
                .put("busySeconds", pool.busySeconds())
                .put("tokens", pool.tokens())
                .put("slots", pool.slots()));
        WholeFile.write(folder.resolve(FILE), json + "\n");
    }

    /**
     * Takes one look at the workers.
     *
     * @param cluster what {@code GET /api/v1/cluster} answers
     * @param nowNanos when, on any clock
     */
    void look(JsonNode cluster, long nowNanos) {
        double seconds = workers.isEmpty() ? 0 : (nowNanos - lastNanos) / NANOS_A_SECOND;
        var now = new HashMap<String, Seen>();
        var slots = new HashMap<String, Integer>();
        for (var worker : cluster.path("workers")) {
            slots.merge(pool(worker), worker.path("slots").asInt(), Integer::sum);
        }
        for (var worker : cluster.path("workers")) {
            var id = worker.path("workerId").asText();
            var tokens = worker.path("tokens");
            var seen = new Seen(
                    worker.path("running").asInt(),
                    tokens.path("prompt").asLong() + tokens.path("completion").asLong());
            now.put(id, seen);
            var before = workers.get(id);
            if (before != null && seconds <= MAX_GAP_SECONDS && seen.tokens() >= before.tokens()) {
                double busy = seconds * (before.running() + seen.running()) / 2;
                pools.put(
                        pool(worker),
                        pools.getOrDefault(pool(worker), new Pool(0, 0, 0))
                                .plus(busy, seen.tokens() - before.tokens(), slots.get(pool(worker))));
            }
        }
        workers = now;
        lastNanos = nowNanos;
    }

    private static String pool(JsonNode worker) {
        return name(worker.path("role").asText(), worker.path("model").asText());
    }

    private static String name(String role, String model) {
        return role + "|" + model;
    }

    /** What tokens of a policy and of a PRM cost in seconds of slots; empty if that was not measured. */
    OptionalDouble slotSeconds(String policy, long policyTokens, String prm, long prmTokens) {
        return sum(cost(POLICY, policy, policyTokens, pool -> 1.0), cost(PRM, prm, prmTokens, pool -> 1.0));
    }

    /**
     * The same in seconds of GPUs.
     *
     * @param gpus how many serve a model, by its name; not a number where nobody said
     */
    OptionalDouble gpuSeconds(
            String policy, long policyTokens, String prm, long prmTokens, Function<String, JsonNode> gpus) {
        return sum(
                cost(POLICY, policy, policyTokens, pool -> share(gpus.apply(policy), pool)),
                cost(PRM, prm, prmTokens, pool -> share(gpus.apply(prm), pool)));
    }

    private static Double share(JsonNode gpus, Pool pool) {
        return gpus.isNumber() && pool.slots() > 0 ? gpus.asDouble() / pool.slots() : null;
    }

    private static OptionalDouble sum(OptionalDouble one, OptionalDouble other) {
        return one.isPresent() && other.isPresent()
                ? OptionalDouble.of(one.getAsDouble() + other.getAsDouble())
                : OptionalDouble.empty();
    }

    private OptionalDouble cost(String role, String model, long tokens, Function<Pool, Double> factor) {
        if (tokens == 0) {
            return OptionalDouble.of(0);
        }
        var pool = pools.get(name(role, model));
        if (pool == null || pool.tokens() <= 0) {
            return OptionalDouble.empty();
        }
        var weight = factor.apply(pool);
        return weight == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(tokens * weight * pool.busySeconds() / pool.tokens());
    }
}
