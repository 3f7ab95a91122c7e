package cloudchamber.prm.remote;

import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Usage;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import java.util.List;
import java.util.Optional;

/** How one kind of server is asked for scores. Calls block. Safe for threads. */
public interface ScoreDialect extends AutoCloseable {

    /**
     * What a server is.
     *
     * @param model as the server names it
     * @param software the server and its version
     * @param format how a prefix is shown
     * @param contextTokens the longest prefix
     * @param exactness in a word: what the scores are made of
     */
    record Served(String model, String software, String format, int contextTokens, String exactness) {}

    /**
     * A prefix.
     *
     * @param steps their texts, at least one
     */
    record Asked(Prompt prompt, List<String> steps) {
        public Asked {
            steps = List.copyOf(steps);
        }
    }

    /**
     * Its score.
     *
     * @param logOdds one number, or one a step
     */
    record Answer(List<Double> logOdds, Usage usage) {
        public Answer {
            logOdds = List.copyOf(logOdds);
        }
    }

    /** Asks the server what it serves. */
    Served describe() throws InterruptedException;

    /** How many prefixes one call may hold. */
    int batch();

    /**
     * Scores prefixes.
     *
     * @param asked at least one, at most {@link #batch}
     * @return one answer each, in order
     * @throws RemoteTrouble what the caller retries or refuses
     */
    List<Answer> score(List<Asked> asked) throws InterruptedException;

    /** What the server says of its load; empty if it says nothing of it. */
    Optional<ServerLoad> load() throws InterruptedException;

    /** The name that the server gave its model in its first reply; empty if it names none. */
    default Optional<String> nameInReplies() {
        return Optional.empty();
    }

    @Override
    void close();
}
