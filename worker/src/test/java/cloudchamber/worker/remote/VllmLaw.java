package cloudchamber.worker.remote;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A server in simulated time that obeys vLLM's law: continuous batching whose step takes {@code a + b · running}, a
 * queue in order of arrival, a prefix cache that spares known prompts their prefill, a KV cache whose overflow preempts
 * the request that came last, and its metrics.
 */
final class VllmLaw {

    /** A request, from its arrival to its last token. */
    static final class Request {
        final String client;
        final String prompt;
        final int promptTokens;
        final int tokens;
        final double arrivedMillis;
        private int generated;
        private boolean read;

        Request(String client, String prompt, int promptTokens, int tokens, double arrivedMillis) {
            this.client = client;
            this.prompt = prompt;
            this.promptTokens = promptTokens;
            this.tokens = tokens;
            this.arrivedMillis = arrivedMillis;
        }

        private int kvTokens() {
            return promptTokens + generated;
        }
    }

    private static final double PREFILL_MILLIS_A_TOKEN = .05;

    private final int maxSequences;
    private final long kvTokens;
    private final double baseMillis;
    private final double millisASequence;
    private final Deque<Request> waiting = new ArrayDeque<>();
    private final List<Request> running = new ArrayList<>();
    private final Set<String> cached = new HashSet<>();
    private double nowMillis;
    private long preemptions;

    VllmLaw(int maxSequences, long kvTokens, double baseMillis, double millisASequence) {
        this.maxSequences = maxSequences;
        this.kvTokens = kvTokens;
        this.baseMillis = baseMillis;
        this.millisASequence = millisASequence;
    }

    double nowMillis() {
        return nowMillis;
    }

    void add(Request request) {
        waiting.add(request);
    }

    long running(String client) {
        return running.stream().filter(request -> request.client.equals(client)).count();
    }

    int out() {
        return running.size() + waiting.size();
    }

    /** One step of the engine: a token for each that runs. Returns those that have their last. */
    List<Request> step() {
        while (!waiting.isEmpty()
                && running.size() < maxSequences
                && kvInUse() + waiting.peek().kvTokens() < kvTokens) {
            running.add(waiting.poll());
        }
        double millis = running.isEmpty() ? 1 : baseMillis + millisASequence * running.size();
        for (var request : running) {
            if (!request.read) {
                millis += cached.add(request.prompt) ? PREFILL_MILLIS_A_TOKEN * request.promptTokens : 0;
                request.read = true;
            }
            request.generated++;
        }
        nowMillis += millis;
        while (kvInUse() > kvTokens && running.size() > 1) {
            var last = running.removeLast();
            last.read = false;
            waiting.addFirst(last);
            preemptions++;
        }
        var ended = running.stream()
                .filter(request -> request.generated >= request.tokens)
                .toList();
        running.removeAll(ended);
        return ended;
    }

    private long kvInUse() {
        return running.stream().mapToLong(Request::kvTokens).sum();
    }

    /** The page {@code /metrics}. */
    String metrics() {
        return """
                # HELP vllm:num_requests_running Number of requests in model execution batches.
                vllm:num_requests_running{engine="0",model_name="m"} %d.0
                vllm:num_requests_waiting{engine="0",model_name="m"} %d.0
                vllm:num_preemptions_total{engine="0",model_name="m"} %d.0
                vllm:kv_cache_usage_perc{engine="0",model_name="m"} %s
                """.formatted(running.size(), waiting.size(), preemptions, (double) kvInUse() / kvTokens);
    }
}
