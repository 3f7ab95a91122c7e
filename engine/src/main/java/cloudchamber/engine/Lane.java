package cloudchamber.engine;

import cloudchamber.engine.binding.NativeContext;
import cloudchamber.engine.binding.TokenBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/** One context of an engine with the requests that are in work on it. For the engine's thread. */
final class Lane {
    /*
     * [1] A batch takes first what needs one token, then fills up with longer texts, in order of arrival: a
     *     long prompt does not hold up those who draw.
     * [2] Requests are put to work without knowing how long they will get. When cells run out and nothing
     *     idle is left, the one that was put to work last goes back to the queue with all it has drawn. It
     *     continues later; no draw is repeated.
     */
    static final Comparator<Lane> BY_LOAD = Comparator.<Lane>comparingInt(lane -> lane.working.size())
            .thenComparingInt(lane -> lane.context.cells() - lane.context.freeCells());

    private final NativeContext context;
    private final PrefixCache cache;
    private final int parallel;
    private final TokenBatch batch;
    private final List<Task<?>> working = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private long decodedTokens;
    private long batches;

    /** Logits to be read after a batch: those after one token of a task's text. */
    record Output(Task<?> task, int position, int index) {}

    Lane(NativeContext context, EngineSettings settings) {
        this.context = context;
        this.cache = new PrefixCache(context, settings.idleTokens());
        this.parallel = settings.parallel();
        this.batch = new TokenBatch(settings.batchTokens());
    }

    NativeContext context() {
        return context;
    }

    PrefixCache cache() {
        return cache;
    }

    List<Task<?>> working() {
        return working;
    }

    boolean isFull() {
        return working.size() >= parallel;
    }

    long decodedTokens() {
        return decodedTokens;
    }

    long batches() {
        return batches;
    }

    /** How many of the text's first {@code size} tokens are held here. */
    int held(Task<?> task, int size) {
        return cache.longest(task.text(), size);
    }

    /** How many of the text's tokens are held here or about to be, read for another request. */
    int promised(Task<?> task) {
        int promised = 0;
        for (var other : working) {
            if (other.pending() > 0) {
                int shared = shared(task, other);
                if (shared > other.branch().length()) {
                    promised = Math.max(promised, shared);
                }
            }
        }
        return promised;
    }

    private static int shared(Task<?> one, Task<?> other) {
        int most = Math.min(one.size(), other.size());
        int mismatch = Arrays.mismatch(one.text(), 0, most, other.text(), 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    /** Whether there is room for the task beside those in work, each with a token still to draw. */
    boolean fits(Task<?> task) {
        if (working.isEmpty()) {
            return true;
        }
        int needed = task.size() - cache.longest(task.text(), task.size()) + 1;
        for (var other : working) {
            needed += other.pending() + 1;
        }
        return needed <= context.cells() && cache.makeRoom(needed);
    }

    /** Puts a task to work; up to {@code shareable} tokens of its text need not be read if they are held. */
    void admit(Task<?> task, int shareable) {
        // Sequences are at least as many as tasks in work, so one of them is always to be had.
        task.admit(cache.open(task.text(), shareable).orElseThrow());
        working.add(task);
    }

    /** Lets go of the tasks that are done, and returns them. */
    List<Task<?>> leave() {
        var done = working.stream().filter(Task::isDone).toList();
        if (!done.isEmpty()) {
            working.removeAll(done);
            done.forEach(task -> cache.close(task.branch(), task.worthKeeping()));
        }
        return done;
    }

    /**
     * Decodes the next tokens of all tasks in work.
     *
     * @param postponed takes the tasks for which there was no room: see [2]
     * @return the logits that can now be read
     */
    List<Output> decode(Consumer<Task<?>> postponed) {
        cache.tidy();
        while (!cache.makeRoom(Math.min(batch.capacity(), pendingTokens()))) {
            postponed.accept(putBackYoungest());
        }
        batch.clear();
        outputs.clear();
        working.stream().filter(task -> task.pending() == 1).forEach(this::fill);
        working.stream().filter(task -> task.pending() > 1).forEach(this::fill);
        if (batch.size() > 0) {
            context.decode(batch);
            cache.passed(batch.size());
            batches++;
            decodedTokens += batch.size();
        }
        return outputs;
    }

    private int pendingTokens() {
        return working.stream().mapToInt(Task::pending).sum();
    }

    /** Adds as many of the task's pending tokens as fit: see [1]. */
    private void fill(Task<?> task) {
        var branch = task.branch();
        int end = Math.min(task.size(), branch.length() + batch.room());
        for (int position = branch.length(); position < end; position++) {
            int token = task.text()[position];
            boolean needed = task.needs(position);
            int index = batch.add(token, position, branch.sequence(), needed);
            branch.append(token);
            if (needed) {
                outputs.add(new Output(task, position, index));
            }
        }
    }

    private Task<?> putBackYoungest() {
        if (working.size() == 1) {
            throw new IllegalStateException("one text must fit " + context.cells() + " cells: did not");
        }
        var youngest = working.removeLast();
        cache.close(youngest.branch(), youngest.branch().length());
        youngest.leaveBranch();
        return youngest;
    }
}
