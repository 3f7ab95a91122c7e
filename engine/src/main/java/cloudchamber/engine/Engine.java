package cloudchamber.engine;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.protocol.model.NumericsClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;

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
     * One turn of the loop: take what came in, drop what was cancelled, put waiting requests to work, then
     * let each lane gather a batch and decode it, and hand out the logits.
     *
     * [1] A request whose text another one is just reading waits for it and forks what it has read: no
     *     beginning is read twice. N children of one parent come at once, and the parent's last token is
     *     not yet read: the first child reads it, and the row of logits after it is kept for the others. So
     *     is the row after a text that is scored: other particles may have written the same.
     * [2] A request goes to the lane that holds most of its text, if that is at least half of it; else to the
     *     lane with the least to do. Half, because prompts of different problems begin alike.
     */
    private static final int LOOKAHEAD = 512;

    private final Model model;
    private final EngineSettings settings;
    private final int maxTextTokens;
    private final Thread thread;

    private final BlockingQueue<Task<?>> arrivals = new LinkedBlockingQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final Object door = new Object();
    private boolean closed;
    private volatile EngineException broken;

    // For the engine's thread only.
    private final Deque<Task<?>> waiting = new ArrayDeque<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final RowCache rows;
    private final TokenLaw law;
    private final float[] row;
    private long promptTokens;
    private long cachedTokens;
    private long drawnTokens;
    private long repeatedTokens;
    private long preemptions;
    private volatile Statistics statistics = new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Tells the thread to look at {@link #closed}. */
    private final Task<?> bell;

    private Engine(Model model, EngineSettings settings) {
        this.model = model;
        this.settings = settings;
        this.maxTextTokens = Math.min(Math.min(model.contextTokens(), settings.contextTokens()), settings.cells());
        this.rows = new RowCache(settings.rowBytes());
        int vocabulary = model.tokenizer().vocabularySize();
        this.law = new TokenLaw(vocabulary);
        this.row = new float[vocabulary];
        this.bell = new ScoreTask(ScoreRequest.atEnd(Tokens.of(0), Tokens.NONE, 0, 0));
        this.thread = Thread.ofPlatform()
                .daemon()
                .name("engine-" + model.file().getFileName())
                .unstarted(this::run);
        try {
            for (int lane = 0; lane < settings.contexts(); lane++) {
                lanes.add(new Lane(model.open(settings), settings));
            }
        } catch (EngineException failure) {
            lanes.forEach(lane -> model.release(lane.context()));
            throw failure;
        }
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
                for (var lane : lanes) {
                    if (!lane.working().isEmpty()) {
                        decodeOnce(lane);
                    }
                }
            }
            endAll(new EngineException(Category.CLOSED, "an engine must be open to answer: was closed"));
        } catch (RuntimeException | Error failure) {
            broken = failure instanceof EngineException typed
                    ? typed
                    : new EngineException(Category.BROKEN, "the engine must not fail: " + failure, failure);
            endAll(broken);
        } finally {
            lanes.forEach(lane -> model.release(lane.context()));
        }
    }

    /** Takes what came in, and waits for it if there is nothing else to do. False when closed. */
    private boolean arrive() {
        if (waiting.isEmpty() && lanes.stream().allMatch(lane -> lane.working().isEmpty())) {
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
        lanes.forEach(this::leave);
        waiting.removeIf(task -> {
            boolean gone = task.answer().isDone();
            if (gone) {
                waitingCount.decrementAndGet();
            }
            return gone;
        });
    }

    /** Lets go of what is done; who waits for it hears of it last, and finds everything in order. */
    private void leave(Lane lane) {
        var done = lane.leave();
        if (!done.isEmpty()) {
            publish();
            done.forEach(Task::deliver);
        }
    }

    private void endAll(EngineException reason) {
        synchronized (door) {
            closed = true;
        }
        lanes.forEach(lane -> lane.working().forEach(task -> task.answer().completeExceptionally(reason)));
        waiting.forEach(task -> task.answer().completeExceptionally(reason));
        for (var task = arrivals.poll(); task != null; task = arrivals.poll()) {
            task.answer().completeExceptionally(reason);
        }
    }

    // ---- waiting requests

    private void putToWork() {
        int looked = 0;
        var each = waiting.iterator();
        while (each.hasNext() && looked++ < LOOKAHEAD && lanes.stream().anyMatch(lane -> !lane.isFull())) {
            var task = each.next();
            var lane = laneFor(task);
            if (lane.isPresent()) {
                if (!lane.get().fits(task)) {
                    break; // Or shorter texts would overtake it for ever.
                }
                each.remove();
                waitingCount.decrementAndGet();
                admit(task, lane.get());
            }
        }
        lanes.forEach(this::leave);
    }

    /** Where to put the task to work now: see [1] and [2]. */
    private Optional<Lane> laneFor(Task<?> task) {
        int shareable = shareable(task);
        Lane best = null;
        int most = -1;
        boolean isBeingRead = false;
        for (var lane : lanes) {
            int held = lane.held(task, shareable);
            int promised = lane.promised(task);
            if (Math.max(held, promised) > most) {
                best = lane;
                most = Math.max(held, promised);
                isBeingRead = promised > held;
            }
        }
        if (2 * most < task.size()) {
            best = lanes.stream().min(Lane.BY_LOAD).orElseThrow();
            isBeingRead = best.promised(task) > best.held(task, shareable);
        }
        return isBeingRead || best.isFull() ? Optional.empty() : Optional.of(best);
    }

    private void admit(Task<?> task, Lane lane) {
        int shareable = shareable(task);
        int held = lane.held(task, task.size());
        boolean again = task.admitted();
        lane.admit(task, shareable);
        repeatedTokens += again ? task.pending() : held - Math.min(held, shareable);
        if (!again) {
            promptTokens += task.promptTokens();
            cachedTokens += task.cachedTokens();
        }
        keptRow(task).ifPresent(logits -> accept(task, task.size() - 1, logits));
    }

    /** How many tokens need not be read for this task if they are held. */
    private int shareable(Task<?> task) {
        return keptRow(task).isPresent() ? task.size() : task.shareable();
    }

    private Optional<float[]> keptRow(Task<?> task) {
        return task.rowText().flatMap(rows::get);
    }

    // ---- one batch

    private void decodeOnce(Lane lane) {
        for (var output : lane.decode(this::postpone)) {
            if (!output.task().isDone()) {
                lane.context().logits(output.index(), row);
                keepForSiblings(output.task());
                accept(output.task(), output.position(), row);
            }
        }
        leave(lane);
    }

    private void postpone(Task<?> task) {
        waiting.addFirst(task);
        waitingCount.incrementAndGet();
        preemptions++;
    }

    private void keepForSiblings(Task<?> task) {
        task.rowText().ifPresent(text -> rows.put(text, row));
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

    private void publish() {
        statistics = new Statistics(
                sum(Lane::decodedTokens),
                sum(lane -> lane.context().paddingTokens()),
                sum(lane -> lane.context().countDecodedTokens()),
                promptTokens,
                cachedTokens,
                drawnTokens,
                repeatedTokens,
                sum(Lane::batches),
                sum(lane -> lane.cache().evictions()),
                sum(lane -> lane.cache().compactions()),
                preemptions,
                (int) sum(lane -> lane.cache().branches()),
                (int) sum(lane -> lane.context().cells() - lane.context().freeCells()));
    }

    private long sum(ToLongFunction<Lane> count) {
        return lanes.stream().mapToLong(count).sum();
    }
}
