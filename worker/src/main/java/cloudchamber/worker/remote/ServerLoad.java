package cloudchamber.worker.remote;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What a server's Prometheus page says of its load: vLLM's (of both generations of names), SGLang's or
 * llama-server's.
 *
 * @param running requests it works on
 * @param queued requests that wait there
 * @param preemptions since it started
 * @param cacheUsage of its KV cache, in [0, 1]; empty if it does not say
 */
public record ServerLoad(double running, double queued, double preemptions, OptionalDouble cacheUsage) {
    private static final List<String> RUNNING =
            List.of("vllm:num_requests_running", "sglang:num_running_reqs", "llamacpp:requests_processing");
    private static final List<String> QUEUED =
            List.of("vllm:num_requests_waiting", "sglang:num_queue_reqs", "llamacpp:requests_deferred");
    private static final List<String> PREEMPTIONS = List.of("vllm:num_preemptions_total", "vllm:num_preemptions");
    private static final List<String> CACHE_USAGE =
            List.of("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "sglang:token_usage");

    /** The load a page tells of; empty if it names none of the metrics. */
    public static Optional<ServerLoad> of(String page) {
        // Several engines behind one address have a line each.
        Map<String, Double> sums = page.lines()
                .filter(line -> !line.startsWith("#") && line.lastIndexOf(' ') > 0)
                .collect(Collectors.toMap(ServerLoad::name, ServerLoad::value, Double::sum));
        var running = first(sums, RUNNING);
        var queued = first(sums, QUEUED);
        if (running.isEmpty() && queued.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ServerLoad(
                running.orElse(0), queued.orElse(0), first(sums, PREEMPTIONS).orElse(0), first(sums, CACHE_USAGE)));
    }

    private static String name(String line) {
        int labels = line.indexOf('{');
        return line.substring(0, labels >= 0 ? labels : line.indexOf(' '));
    }

    private static double value(String line) {
        try {
            double value = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            return Double.isFinite(value) ? value : 0;
        } catch (NumberFormatException foreign) {
            return 0;
        }
    }

    private static OptionalDouble first(Map<String, Double> sums, List<String> names) {
        return names.stream().filter(sums::containsKey).mapToDouble(sums::get).findFirst();
    }

    /** Whether the server has thrown requests out of its cache since {@code before}. */
    public boolean preemptedSince(ServerLoad before) {
        return preemptions > before.preemptions();
    }
}
