package cloudchamber.prm.remote;

import cloudchamber.prm.StepScorer;
import cloudchamber.prm.remote.ScoreDialect.Answer;
import cloudchamber.prm.remote.ScoreDialect.Asked;
import cloudchamber.prm.remote.ScoreDialect.Served;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteCalls;
import cloudchamber.worker.remote.RemoteModel;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/** A PRM behind a server. */
public final class RemotePrm implements StepScorer {
    /*
     * [1] Equal prefixes (children of one parent that drew the same step, or a repeat) are scored once: whoever asks
     *     again, while the score is under way or not long after, gets the same.
     * [2] What waits when a slot comes free goes in one call, whoever asked: batches form under load, and nobody
     *     waits for one to fill. When a server refuses a batch, its prefixes are asked one by one, so that one bad
     *     prefix costs only itself.
     * [3] Numbers are believed only in the right number. A known text is scored before anything else, and again
     *     whenever the server was away: a PRM that was started with another pooler is found out there.
     */
    private static final int REMEMBERED = 4096;
    private static final Asked KNOWN = new Asked(
            Prompt.question("Sam has 3 apples and buys 2 more. How many has he?"),
            List.of("Sam has 3 apples.\n\n", "He buys 2 more, so he has 3 + 2 = 5.\n\n"));

    private sealed interface Outcome {
        record Scored(Answer answer) implements Outcome {}

        record Refused(Refusal refusal) implements Outcome {}
    }

    /** One prefix, and those who wait for it. */
    private static final class Work {
        private final Asked asked;
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

        Work(Asked asked) {
            this.asked = asked;
        }
    }

    private final ServedModel model;
    private final ScoreDialect dialect;
    private final RemoteCalls calls;
    private final LoadWatch watch;
    private final Map<Asked, Work> remembered = new LinkedHashMap<>(16, 0.75f, true);
    private final Queue<Work> waiting = new ArrayDeque<>();
    private boolean closed;

    private RemotePrm(ServedModel model, ScoreDialect dialect, RemoteSettings settings) {
        this.model = model;
        this.dialect = dialect;
        this.calls = new RemoteCalls(settings, () -> check(dialect));
        this.watch = LoadWatch.start(dialect::load, calls);
    }

    /**
     * Asks a server what it serves, checks its scores of a known text, and stands in front of it.
     *
     * @param name by which jobs ask for the model
     * @param dialect closed with this
     * @throws RemoteTrouble if the server cannot be used
     */
    public static RemotePrm connect(String name, RemoteSettings settings, ScoreDialect dialect)
            throws InterruptedException {
        try {
            Served served = dialect.describe();
            check(dialect);
            return new RemotePrm(
                    RemoteModel.served(
                            name,
                            settings.slots(),
                            served.software(),
                            served.model(),
                            served.format(),
                            served.exactness(),
                            served.contextTokens()),
                    dialect,
                    settings);
        } catch (RemoteTrouble | InterruptedException unusable) {
            dialect.close();
            throw unusable;
        }
    }

    /** Scores the known text; what comes back is one number, or one a step. See [3]. */
    public static List<Double> check(ScoreDialect dialect) throws InterruptedException {
        var answers = dialect.score(List.of(KNOWN));
        return checked(KNOWN, answers.getFirst()).logOdds();
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ScoreResult> run(ScoreRequest request) {
        if (request.prefix().isEmpty()) {
            return CompletableFuture.completedFuture(refused(
                    request, new Refusal(Category.INVALID_REQUEST, "a score needs at least one step: had none")));
        }
        var asked = new Asked(
                request.prompt(),
                request.prefix().stream().map(PrefixStep::text).toList());
        Work work;
        boolean first;
        synchronized (remembered) {
            if (closed) {
                return CompletableFuture.completedFuture(refused(request, RemoteCalls.CLOSED));
            }
            work = remembered.get(asked);
            first = work == null;
            if (first) {
                work = new Work(asked);
                remembered.put(asked, work);
                waiting.add(work);
                forgetEldest();
            }
        }
        if (first) {
            start(asked.hashCode());
        }
        return work.outcome.thenApply(outcome -> result(request, outcome, first));
    }

    private void forgetEldest() {
        var eldest = remembered.entrySet().iterator();
        while (remembered.size() > REMEMBERED && eldest.hasNext()) {
            if (eldest.next().getValue().outcome.isDone()) {
                eldest.remove();
            }
        }
    }

    /** Starts a call for whatever waits once it has a slot. See [2]. */
    private void start(long key) {
        var taken = new AtomicReference<List<Work>>();
        calls.run(
                        key,
                        () -> {
                            if (taken.get() == null) {
                                taken.set(take(dialect.batch()));
                            }
                            return taken.get().isEmpty() ? List.<Outcome>of() : scored(taken.get());
                        },
                        refusal -> {
                            if (taken.get() == null) {
                                taken.set(take(1));
                            }
                            return taken.get().stream()
                                    .map(work -> (Outcome) new Outcome.Refused(refusal))
                                    .toList();
                        })
                .whenComplete((outcomes, bug) -> {
                    for (int index = 0; index < taken.get().size(); index++) {
                        end(taken.get().get(index), bug == null ? outcomes.get(index) : broke(bug));
                    }
                });
    }

    private static Outcome broke(Throwable bug) {
        return new Outcome.Refused(new Refusal(Category.BACKEND_UNAVAILABLE, "the backend broke: " + bug));
    }

    private List<Work> take(int most) {
        synchronized (remembered) {
            var taken = new ArrayList<Work>();
            while (taken.size() < most && !waiting.isEmpty()) {
                taken.add(waiting.remove());
            }
            return taken;
        }
    }

    /** A refusal is told and forgotten; the next who asks tries again. */
    private void end(Work work, Outcome outcome) {
        if (outcome instanceof Outcome.Refused) {
            synchronized (remembered) {
                remembered.remove(work.asked, work);
            }
        }
        work.outcome.complete(outcome);
    }

    private List<Outcome> scored(List<Work> works) throws InterruptedException {
        var asked = works.stream().map(work -> work.asked).toList();
        try {
            return answered(asked);
        } catch (RemoteTrouble trouble) {
            if (works.size() == 1 || !ofOnePrefix(trouble)) {
                throw trouble;
            }
        }
        var outcomes = new ArrayList<Outcome>();
        for (var one : asked) {
            try {
                outcomes.addAll(answered(List.of(one)));
            } catch (RemoteTrouble trouble) {
                if (!ofOnePrefix(trouble)) {
                    throw trouble;
                }
                outcomes.add(new Outcome.Refused(trouble.refusal()));
            }
        }
        return outcomes;
    }

    private List<Outcome> answered(List<Asked> asked) throws InterruptedException {
        var answers = dialect.score(asked);
        if (answers.size() != asked.size()) {
            throw RemoteTrouble.invalid(
                    "there must be an answer for each of " + asked.size() + " prefixes: were " + answers.size());
        }
        var outcomes = new ArrayList<Outcome>();
        for (int index = 0; index < answers.size(); index++) {
            outcomes.add(new Outcome.Scored(checked(asked.get(index), answers.get(index))));
        }
        return outcomes;
    }

    private static boolean ofOnePrefix(RemoteTrouble trouble) {
        return switch (trouble.refusal().category()) {
            case CONTEXT_OVERFLOW, INVALID_REQUEST, BACKEND_INVALID -> true;
            case PREFIX_UNKNOWN, OVERLOADED, BACKEND_UNAVAILABLE, STOPPING, MODEL_UNKNOWN, TIMED_OUT -> false;
        };
    }

    private static Answer checked(Asked asked, Answer answer) {
        int count = answer.logOdds().size();
        if (count != 1 && count != asked.steps().size()) {
            throw RemoteTrouble.invalid("scores must be one or one a step, of which there are "
                    + asked.steps().size() + ": were " + count);
        }
        if (answer.logOdds().stream().anyMatch(score -> score.isNaN())) {
            throw RemoteTrouble.invalid("log-odds must be numbers: one was NaN");
        }
        return answer;
    }

    private static ScoreResult result(ScoreRequest request, Outcome outcome, boolean first) {
        return switch (outcome) {
            case Outcome.Scored(var answer) ->
                new ScoreResult.PrefixScored(
                        request.key(), request.lease(), answer.logOdds(), first ? answer.usage() : Usage.NONE);
            case Outcome.Refused(var refusal) -> refused(request, refusal);
        };
    }

    private static ScoreResult refused(ScoreRequest request, Refusal refusal) {
        return new ScoreResult.NotScored(request.key(), request.lease(), refusal, Usage.NONE);
    }

    @Override
    public Optional<String> nameInReplies() {
        return dialect.nameInReplies();
    }

    @Override
    public void close() {
        synchronized (remembered) {
            closed = true;
        }
        watch.close();
        calls.close();
        dialect.close();
    }
}
