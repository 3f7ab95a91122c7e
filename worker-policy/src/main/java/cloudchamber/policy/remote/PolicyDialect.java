package cloudchamber.policy.remote;

import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import java.util.List;
import java.util.Optional;

/** How one kind of server is asked for steps. Calls block. Safe for threads. */
public interface PolicyDialect extends AutoCloseable {

    /**
     * What a server is.
     *
     * @param model as the server names it
     * @param software the server and its version
     * @param template how prompts are rendered
     * @param contextTokens the longest prompt plus answer
     * @param exactness in a word: how a particle is continued
     */
    record Served(String model, String software, String template, int contextTokens, String exactness) {}

    /** A step and what it cost. */
    record Extension(Step step, Usage usage) {}

    /** Asks the server what it serves. */
    Served describe() throws InterruptedException;

    /**
     * Asks for one step.
     *
     * @throws RemoteTrouble what the caller retries or refuses
     */
    Extension extend(ExtendRequest request) throws InterruptedException;

    /**
     * The token ids of a control mark between texts; none where particles are continued by their text.
     */
    default List<Integer> control(String before, String mark, String after) throws InterruptedException {
        return List.of();
    }

    /** Generates one token: a server that can is alive. */
    void probe() throws InterruptedException;

    /** What the server says of its load; empty if it says nothing of it. */
    Optional<ServerLoad> load() throws InterruptedException;

    /** The name that the server gave its model in its first reply; empty if it names none. */
    default Optional<String> nameInReplies() {
        return Optional.empty();
    }

    @Override
    void close();
}
