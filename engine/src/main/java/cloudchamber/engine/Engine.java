package cloudchamber.engine;

import cloudchamber.engine.binding.NativeContext;
import cloudchamber.engine.binding.TokenBatch;
import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.protocol.model.NumericsClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs one model: many requests at a time, their tokens together in one batch, on a thread of its own.
 * Safe for use by several threads.
 *
 * <p>Every answer is a future that ends with the answer or an {@link EngineException}; cancelling it
 * cancels the request. What depends on a future runs on the engine's thread unless it says otherwise,
 * and must not block it.
 */
public final class Engine implements AutoCloseable {
    /*
     * One turn of the loop: take what came in, drop what was cancelled, put waiting requests to work while
     * there are sequences, gather a batch, see to it that it fits, decode it, hand out the logits.
     *
     * [1] A request whose text another one is just reading waits for it and forks what it has read: no
     *     beginning is read twice. N children of one parent come at once, and the parent's last token is
     *     not yet read: the first child reads it, and the row of logits after it is kept for the others.
     * [2] A batch takes first what needs one token, then fills up with longer texts, in order of arrival: a
     *     long prompt does not hold up those who draw.
     * [3] Requests are put to work without knowing how long they will get. When cells run out and nothing
     *     idle is left, the one that was put to work last goes back to the head of the queue with all it has
     *     drawn. It continues later; no draw is repeated.
     */
    private static final int LOOKAHEAD = 512;

    private final Model model;
    private final EngineSettings settings;
    private final NativeContext context;
    private final int maxTextTokens;
    private final Thread thread;

    private final BlockingQueue<Task<?>> arrivals = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final Object door = new Object();
    private boolean closed;
    private volatile EngineException broken;

    // For the engine's thread only.
    private final Deque<Task<?>> waiting = new ArrayDeque<>();
    private final List<Task<?>> working = new ArrayList<>();
    private final PrefixCache cache;
    private final RowCache rows;
    private final TokenLaw law;
    private final TokenBatch batch;
    private final float[] row;
    private final List<Output> outputs = new ArrayList<>();
    private long decodedTokens;
    private long promptTokens;
    private long cachedTokens;
    private long drawnTokens;
    private long repeatedTokens;
    private long batches;
    private long preemptions;
    private volatile Statistics statistics = new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private record Output(Task<?> task, int position, int index) {}

    /** Tells the thread to look at {@link #closed}. */
    private final Task<?> bell;

    private Engine(Model model, EngineSettings settings) {
        this.model = model;
        this.settings = settings;
        this.context = model.open(settings);
        this.maxTextTokens = Math.min(Math.min(model.contextTokens(), settings.contextTokens()), settings.cells());
        this.cache = new PrefixCache(context);
        this.rows = new RowCache(settings.rowBytes());
        int vocabulary = model.tokenizer().vocabularySize();
        this.law = new TokenLaw(vocabulary);
        this.row = new float[vocabulary];
        this.batch = new TokenBatch(settings.batchTokens());
        this.bell = new ScoreTask(ScoreRequest.atEnd(Tokens.of(0), Tokens.NONE, 0, 0));
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("engine-" + model.file().getFileName())
                .unstarted(this::run);
    }

    /**
     * Starts an engine on a model, which must stay open until this is closed.
     *
     * @throws EngineException {@code MODEL_UNSUPPORTED} if the library cannot open such a context
     */
    public static Engine start(Model model, EngineSettings settings) {
        var engine = new Engine(model, settings);
        engine.thread.start();
        return engine;
    }

    public Model model() {
        return model;
    }

    /** Which bits this engine computes. */
    public NumericsClass numericsClass() {
        return model.numericsClass();
    }

    /** The longest text, in tokens: of the model, of the settings, or of the memory. */
    public int maxTextTokens() {
        return maxTextTokens;
    }

    /** Counts up to the last batch. */
    public Statistics statistics() {
        return statistics;
    }

    /** Continues a text. */
    public CompletableFuture<Generation> generate(GenerateRequest request) {
        // The last token that is drawn need not be read, but has its place.
        return refused(request.prefix(), request.prefix().size() + 1)
                .<CompletableFuture<Generation>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> submit(new GenerateTask(request, model.tokenizer(), maxTextTokens)));
    }

    /** Reads the log-odds of two labels. */
    public CompletableFuture<Score> score(ScoreRequest request) {
        var text = request.prefix().plus(request.suffix());
        return refused(text.plus(Tokens.of(request.good(), request.bad())), text.size())
                .<CompletableFuture<Score>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> submit(new ScoreTask(request)));
    }

    /** Reads the log-probability of a given continuation. */
    public CompletableFuture<Likelihood> likelihood(LikelihoodRequest request) {
        var text = request.prefix().plus(request.continuation());
        return refused(text, text.size())
                .<CompletableFuture<Likelihood>>map(CompletableFuture::failedFuture)
                .orElseGet(() -> submit(new LikelihoodTask(request)));
    }

    private Optional<EngineException> refused(Tokens tokens, int textTokens) {
        int vocabulary = model.tokenizer().vocabularySize();
        for (int index = 0; index < tokens.size(); index++) {
            if (tokens.at(index) < 0 || tokens.at(index) >= vocabulary) {
                return Optional.of(new EngineException(
                        Category.INVALID_REQUEST,
                        "a token must be in [0, " + vocabulary + "): was " + tokens.at(index) + " at " + index));
            }
        }
        if (textTokens > maxTextTokens) {
            return Optional.of(new EngineException(
                    Category.CONTEXT_OVERFLOW,
                    "a text must have at most " + maxTextTokens + " tokens: needs " + textTokens));
        }
        return Optional.empty();
    }

    private <T> CompletableFuture<T> submit(Task<T> task) {
        synchronized (door) {
            if (closed) {
                return CompletableFuture.failedFuture(
                        broken != null
                                ? broken
                                : new EngineException(Category.CLOSED, "an engine must be open to answer: was closed"));
            }
            if (waitingCount.get() >= settings.queue()) {
                return CompletableFuture.failedFuture(new EngineException(
                        Category.OVERLOADED,
                        "at most " + settings.queue() + " requests may wait: this would be one more"));
            }
            waitingCount.incrementAndGet();
            arrivals.add(task);
        }
        return task.answer();
    }

    /** Ends what is in work with {@code CLOSED}, waits for the thread, and gives the memory back. */
    @Override
    public void close() {
        synchronized (door) {
            closed = true;
            arrivals.add(bell);
        }
        boolean interrupted = false;
        while (thread.isAlive() && thread != Thread.currentThread()) {
            try {
                thread.join();
            } catch (InterruptedException early) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- the engine's thread

    private void run() {
        try {
            while (arrive()) {
                dropCancelled();
                putToWork();
                if (!working.isEmpty()) {
                    decodeOnce();
                }
            }
            endAll(new EngineException(Category.CLOSED, "an engine must be open to answer: was closed"));
        } catch (RuntimeException | Error failure) {
            broken = failure instanceof EngineException typed
                    ? typed
                    : new EngineException(Category.BROKEN, "the engine must not fail: " + failure, failure);
            endAll(broken);
        } finally {
            model.release(context);
        }
    }

    /** Takes what came in, and waits for it if there is nothing else to do. False when closed. */
    private boolean arrive() {
        if (working.isEmpty() && waiting.isEmpty()) {
            try {
                take(arrivals.take());
            } catch (InterruptedException stop) {
                return false;
            }
        }
        for (var task = arrivals.poll(); task != null; task = arrivals.poll()) {
            take(task);
        }
        synchronized (door) {
            return !closed;
        }
    }

    private void take(Task<?> task) {
        if (task != bell) {
            waiting.addLast(task);
        }
    }

    private void dropCancelled() {
        leave();
        waiting.removeIf(task -> {
            boolean gone = task.answer().isDone();
            if (gone) {
                waitingCount.decrementAndGet();
            }
            return gone;
        });
    }

    /** Lets go of what is done; who waits for it hears of it last, and finds everything in order. */
    private void leave() {
        var done = working.stream().filter(Task::isDone).toList();
        if (!done.isEmpty()) {
            working.removeAll(done);
            done.forEach(task -> cache.close(task.branch(), task.worthKeeping()));
            publish();
            done.forEach(Task::deliver);
        }
    }

    private void endAll(EngineException reason) {
        synchronized (door) {
            closed = true;
        }
        working.forEach(task -> task.answer().completeExceptionally(reason));
        waiting.forEach(task -> task.answer().completeExceptionally(reason));
        for (var task = arrivals.poll(); task != null; task = arrivals.poll()) {
            task.answer().completeExceptionally(reason);
        }
    }

    // ---- waiting requests

    private void putToWork() {
        int looked = 0;
        var each = waiting.iterator();
        while (each.hasNext() && working.size() < settings.parallel() && looked++ < LOOKAHEAD) {
            var task = each.next();
            if (!isBeingRead(task)) {
                if (!working.isEmpty() && !fits(task)) {
                    break;
                }
                each.remove();
                waitingCount.decrementAndGet();
                admit(task);
            }
        }
        leave();
    }

    /** Whether another request is reading more of this one's text than is held: see [1]. */
    private boolean isBeingRead(Task<?> task) {
        int held = -1;
        for (var other : working) {
            if (other.pending() > 0) {
                int shared = shared(task, other);
                if (shared > other.branch().length()) {
                    held = held < 0 ? cache.longest(task.text(), shareable(task)) : held;
                    if (shared > held) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static int shared(Task<?> one, Task<?> other) {
        int most = Math.min(one.size(), other.size());
        int mismatch = Arrays.mismatch(one.text(), 0, most, other.text(), 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    /** Whether there is room for the task beside those in work, each with some tokens still to draw. */
    private boolean fits(Task<?> task) {
        int needed = task.size() - cache.longest(task.text(), task.size()) + 1;
        for (var other : working) {
            needed += other.pending() + 1;
        }
        return cache.makeRoom(Math.min(needed, context.cells()));
    }

    private void admit(Task<?> task) {
        int shareable = shareable(task);
        boolean again = task.admitted();
        int held = cache.longest(task.text(), task.size());
        // Sequences are at least as many as tasks in work, so one of them is always to be had.
        task.admit(cache.open(task.text(), shareable).orElseThrow());
        repeatedTokens += again ? task.pending() : held - Math.min(held, shareable);
        if (!again) {
            promptTokens += task.promptTokens();
            cachedTokens += task.cachedTokens();
        }
        working.add(task);
        keptRow(task).ifPresent(logits -> accept(task, task.size() - 1, logits));
    }

    /** How many tokens need not be read for this task if they are held. */
    private int shareable(Task<?> task) {
        return keptRow(task).isPresent() ? task.size() : task.shareable();
    }

    private Optional<float[]> keptRow(Task<?> task) {
        return task instanceof GenerateTask generate && generate.untouched()
                ? rows.get(generate.prefix())
                : Optional.empty();
    }

    // ---- one batch

    private void decodeOnce() {
        while (!cache.makeRoom(Math.min(settings.batchTokens(), plannedTokens()))) {
            putBackYoungest();
        }
        batch.clear();
        outputs.clear();
        working.stream().filter(task -> task.pending() == 1).forEach(this::fill);
        working.stream().filter(task -> task.pending() > 1).forEach(this::fill);
        if (batch.size() == 0) {
            return;
        }
        context.decode(batch);
        batches++;
        decodedTokens += batch.size();
        for (var output : outputs) {
            if (!output.task().isDone()) {
                context.logits(output.index(), row);
                keepForSiblings(output);
                accept(output.task(), output.position(), row);
            }
        }
        leave();
    }

    private int plannedTokens() {
        return working.stream().mapToInt(Task::pending).sum();
    }

    /** Adds as many of the task's pending tokens as fit: see [2]. */
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

    private void keepForSiblings(Output output) {
        if (output.task() instanceof GenerateTask generate && generate.untouched()) {
            rows.put(generate.prefix(), row);
        }
    }

    private void accept(Task<?> task, int position, float[] logits) {
        try {
            task.accept(position, logits, law);
            if (task instanceof GenerateTask) {
                drawnTokens++;
            }
        } catch (EngineException failure) {
            task.fail(failure);
        }
    }

    /** Makes room by postponing: see [3]. */
    private void putBackYoungest() {
        if (working.size() == 1) {
            throw new IllegalStateException("one text must fit " + context.cells() + " cells: did not");
        }
        var youngest = working.removeLast();
        cache.close(youngest.branch(), youngest.branch().length());
        youngest.leaveBranch();
        waiting.addFirst(youngest);
        waitingCount.incrementAndGet();
        preemptions++;
    }

    private void publish() {
        statistics = new Statistics(
                decodedTokens,
                promptTokens,
                cachedTokens,
                drawnTokens,
                repeatedTokens,
                batches,
                cache.evictions(),
                cache.compactions(),
                preemptions,
                cache.branches(),
                context.cells() - context.freeCells());
    }
}
