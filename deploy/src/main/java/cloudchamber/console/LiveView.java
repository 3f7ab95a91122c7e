package cloudchamber.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;

/** The rounds of one problem as they close, on one line of a terminal. */
public final class LiveView implements AutoCloseable {
    private static final int BAR = 20;
    private static final String START_OF_LINE = "\r\u001b[2K";

    private final PrintWriter err;

    private LiveView(PrintWriter err) {
        this.err = err;
    }

    /** Whether there is a terminal to show it on. */
    public static boolean possible() {
        return System.console() != null && System.console().isTerminal();
    }

    public static LiveView on(PrintWriter err) {
        return new LiveView(err);
    }

    /** Shows an event of the problem's stream. */
    public void show(String name, JsonNode event) {
        if (name.equals("round")) {
            err.print(START_OF_LINE + line(event));
            err.flush();
        }
    }

    /** A round in words: its number, the effective sample size as a bar, the best answer so far. */
    public static String line(JsonNode round) {
        double ess = 0;
        int particles = 0;
        int finished = 0;
        for (var chain : round.path("chains")) {
            ess += chain.path("ess").asDouble();
            particles += chain.path("nodes").size();
            finished += chain.path("finished").asInt();
        }
        int filled = particles == 0 ? 0 : (int) Math.round(BAR * ess / particles);
        var best = round.path("best");
        return String.format(
                Locale.ROOT,
                "round %d  ESS [%s%s] %.1f of %d  finished %d%s",
                round.path("round").asInt(),
                "#".repeat(filled),
                ".".repeat(BAR - filled),
                ess,
                particles,
                finished,
                best.isObject()
                        ? String.format(
                                Locale.ROOT,
                                "  best so far %s (%.2f)",
                                Text.shown(best.path("answer").asText(), 30),
                                best.path("weight").asDouble())
                        : "");
    }

    @Override
    public void close() {
        err.print(START_OF_LINE);
        err.flush();
    }
}
