package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemSpecification;
import cloudchamber.coordinator.problem.ProblemStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that a job decides: the problems to start, what to write, how many places to claim. Deterministic; time
 * comes in. What it keeps beside the journaled state is lost in a crash, and made anew by {@link #recovered}.
 */
public final class JobMachine {
    private static final int ORDER_BITS_FOR_INDEX = 20;

    /** What is to be done about an input. */
    public sealed interface Reaction {

        /** Do these. */
        record Do(List<Effect> effects) implements Reaction {
            public Do {
                effects = List.copyOf(effects);
            }
        }

        /** Write this; once it is durable, ask for {@link JobMachine#written}. */
        record Write(JobEvent event) implements Reaction {}
    }

    /** One thing to do. */
    public sealed interface Effect {

        /** Start a problem, or ask one that was started how it ended. */
        record Start(ProblemSpecification specification) implements Effect {}

        record CancelProblem(String problem) implements Effect {}

        /**
         * Read problems and tell of them by {@link JobMachine#read} or {@link JobMachine#notRead}.
         *
         * @param scan which reading it belongs to
         * @param from the index of the first
         * @param count at most so many
         */
        record Read(int scan, int from, int count) implements Effect {}

        /** State a claim to this node's admission. */
        record State(Claim claim) implements Effect {}

        /** Tell the followers of a problem that started or ended. */
        record TellChange(String problem, ProblemStatus status) implements Effect {}

        /** Tell the followers how the job stands, and those who count. */
        record TellStanding() implements Effect {}

        /** Ask for {@link JobMachine#reminded} every two seconds, or no more. */
        record Remind(boolean on) implements Effect {}

        /** Leave the memory after a while if nobody asks, or stay. */
        record Rest(boolean on) implements Effect {}
    }

    private static final Reaction NOTHING = new Reaction.Do(List.of());

    /** @param index in the order of the job */
    private record Numbered(int index, JobSpecification.Question question) {
        String id() {
            return question.id();
        }
    }

    private final int maxProblemsInFlight;
    private final Map<String, Numbered> running = new LinkedHashMap<>();
    private final Deque<Numbered> ahead = new ArrayDeque<>();
    private final Set<String> cancelling = new HashSet<>();
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();
    private List<Effect> effects = new ArrayList<>();
    private boolean toldOfPlaces;
    private int scan;
    private int nextToRead;
    private boolean reading;
    private long life;
    private long granted;
    private long returned;
    private Claim stated;

    /** @param maxProblemsInFlight how many problems of the job run at once */
    public JobMachine(int maxProblemsInFlight) {
        this.maxProblemsInFlight = maxProblemsInFlight;
    }

    // ---- the life of the actor

    /**
     * The job was read from the journal, at its beginning or after a crash. What was granted to an earlier life is not
     * this one's.
     *
     * @param newLife a larger number than that of any earlier life on this node
     */
    public List<Effect> recovered(JobState state, long newLife) {
        life = newLife;
        granted = 0;
        returned = 0;
        stated = null;
        toldOfPlaces = false;
        waiting.clear();
        cancelling.clear();
        effects.clear();
        if (state instanceof JobState.Accepted job) {
            beginReading(job);
        }
        if (!isOpen(state)) {
            effects.add(new Effect.Rest(true));
        }
        return settled(state);
    }

    /** What follows from an event that is durable. */
    public List<Effect> written(JobState state, JobEvent event) {
        switch (event) {
            case JobEvent.Accepted accepted -> {
                effects.add(new Effect.Rest(false));
                beginReading((JobState.Accepted) state);
            }
            case JobEvent.ProblemEnded ended -> {
                end(ended.problem());
                tell(ended.problem(), ended.status());
            }
            case JobEvent.Cancelled cancelled -> {
                running.keySet().forEach(problem -> tell(problem, ProblemStatus.CANCELLED));
                cancelling.addAll(running.keySet());
                cancelProblems();
            }
            case JobEvent.Retried retried -> {
                effects.add(new Effect.Rest(false));
                beginReading((JobState.Accepted) state);
            }
            case JobEvent.Deleted deleted -> effects.add(new Effect.Rest(true));
        }
        if (!isOpen(state)) {
            ahead.clear();
            effects.add(new Effect.Rest(true));
        }
        effects.add(new Effect.TellStanding());
        return settled(state);
    }

    /** Problems are started in order, so those that run are among the first that have not ended. */
    private void beginReading(JobState.Accepted job) {
        scan++;
        reading = false;
        running.clear();
        ahead.clear();
        nextToRead = job.ends().firstOpen();
    }

    // ---- requests

    public Reaction cancel(JobState.Accepted job, long nowMillis) {
        return job.over() ? NOTHING : new Reaction.Write(new JobEvent.Cancelled(JobEvent.SCHEMA, nowMillis));
    }

    /** Tries the failed problems of a job that is over again. */
    public Reaction retry(JobState.Accepted job, long nowMillis) {
        return job.cancelled() || !job.over() || job.ends().countFailed() == 0
                ? NOTHING
                : new Reaction.Write(new JobEvent.Retried(JobEvent.SCHEMA, nowMillis));
    }

    public Reaction delete(JobState.Accepted job, long nowMillis) {
        return job.over() ? new Reaction.Write(new JobEvent.Deleted(JobEvent.SCHEMA, nowMillis)) : NOTHING;
    }

    // ---- answers

    /** A problem says that it is over: for the first time, again, or of an attempt before. */
    public Reaction problemOver(JobState.Accepted job, Problem.Over over, long nowMillis) {
        cancelling.remove(over.problem());
        if (job.over()) {
            end(over.problem());
            return react(job);
        }
        var ended = running.get(over.problem());
        if (ended == null || over.attempt() != job.attempt(ended.index())) {
            return NOTHING;
        }
        return new Reaction.Write(new JobEvent.ProblemEnded(
                JobEvent.SCHEMA,
                over.problem(),
                over.status(),
                nowMillis,
                ended.index(),
                over.numericsClasses().stream()
                        .filter(one -> !job.numericsClasses().contains(one))
                        .toList()));
    }

    /** The problems that {@link Effect.Read} asked for. */
    public Reaction read(JobState.Accepted job, int ofScan, List<JobSpecification.Question> read, long nowMillis) {
        if (ofScan != scan) {
            return NOTHING;
        }
        if (read.isEmpty()) {
            return notRead(job, ofScan, "problem " + nextToRead + " of " + job.total() + " is not stored", nowMillis);
        }
        reading = false;
        if (waiting.remove(Lack.DATABASE) != null) {
            effects.add(new Effect.TellStanding());
        }
        for (var question : read) {
            ahead.add(new Numbered(nextToRead++, question));
        }
        return react(job);
    }

    /** The problems could not be read; they are asked for again when the job is reminded. */
    public Reaction notRead(JobState.Accepted job, int ofScan, String reason, long nowMillis) {
        if (ofScan != scan) {
            return NOTHING;
        }
        reading = false;
        var since =
                waiting.containsKey(Lack.DATABASE) ? waiting.get(Lack.DATABASE).sinceMillis() : nowMillis;
        if (waiting.put(Lack.DATABASE, new Waiting(Lack.DATABASE, since, reason)) == null) {
            effects.add(new Effect.TellStanding());
        }
        return new Reaction.Do(taken());
    }

    /** Admission's answer: the first, a repeat, or a late one. */
    public Reaction allowed(JobState.Accepted job, Allowance allowance, long nowMillis) {
        if (allowance.life() != life) {
            return NOTHING;
        }
        granted = Math.max(granted, allowance.granted());
        if (learn(allowance.lacking(), nowMillis) | !toldOfPlaces) {
            effects.add(new Effect.TellStanding());
        }
        toldOfPlaces = true;
        return react(job);
    }

    /** Whoever was to tell us may be gone: asks again, and states the claim again. */
    public Reaction reminded(JobState.Accepted job) {
        if (job.over()) {
            cancelProblems();
        } else {
            running.values().forEach(numbered -> effects.add(start(job, numbered)));
        }
        stated = null;
        return react(job);
    }

    // ---- the same for every input

    private Reaction react(JobState state) {
        return new Reaction.Do(settled(state));
    }

    /** Starts what it has places for, gives back what it has no use for, and states its claim if that changed. */
    private List<Effect> settled(JobState state) {
        if (state instanceof JobState.Accepted job) {
            if (!job.over()) {
                startMore(job);
            }
            giveBackUnused(wanted(job));
            state(job);
        }
        effects.add(new Effect.Remind(isOpen(state) || !cancelling.isEmpty()));
        return taken();
    }

    private List<Effect> taken() {
        var done = effects;
        effects = new ArrayList<>();
        return List.copyOf(done);
    }

    private void startMore(JobState.Accepted job) {
        while (running.size() < held() && !ahead.isEmpty()) {
            var next = ahead.remove();
            if (!job.ends().has(next.index())) {
                tell(next.id(), ProblemStatus.RUNNING);
                running.put(next.id(), next);
                effects.add(start(job, next));
                if (running.size() == 1) {
                    effects.add(new Effect.TellStanding());
                }
            }
        }
        if (running.size() < held() && nextToRead < job.total() && !reading) {
            reading = true;
            effects.add(new Effect.Read(scan, nextToRead, maxProblemsInFlight));
        }
    }

    // ---- places

    private int held() {
        return (int) (granted - returned);
    }

    /** How many problems the job would run at once. */
    private int wanted(JobState.Accepted job) {
        return job.over()
                ? 0
                : Math.min(maxProblemsInFlight, job.total() - job.ends().count());
    }

    private void giveBackUnused(int wanted) {
        returned += Math.max(0, held() - Math.max(wanted, running.size()));
    }

    private void end(String problem) {
        if (running.remove(problem) != null) {
            returned = Math.min(granted, returned + 1);
        }
    }

    private void state(JobState.Accepted job) {
        var specification = job.specification();
        var claim = new Claim(
                life,
                specification.owner(),
                specification.priority() == null ? 1 : specification.priority(),
                Need.of(specification),
                granted,
                returned,
                wanted(job));
        boolean nothing = stated == null && held() == 0 && claim.wanted() == 0;
        if (!nothing
                && (stated == null || stated.wanted() != claim.wanted() || stated.returned() != claim.returned())) {
            effects.add(new Effect.State(claim));
            stated = claim;
        }
    }

    /** @return whether anything else is lacking than before */
    private boolean learn(List<Lack> lacking, long nowMillis) {
        var before = Map.copyOf(waiting);
        waiting.keySet()
                .removeIf(what -> !what.equals(Lack.DATABASE)
                        && lacking.stream().noneMatch(lack -> lack.what().equals(what)));
        for (var lack : lacking) {
            var known = waiting.get(lack.what());
            waiting.put(
                    lack.what(),
                    new Waiting(lack.what(), known == null ? nowMillis : known.sinceMillis(), lack.reason()));
        }
        return !before.equals(waiting);
    }

    // ---- parts

    /** Says it to each problem until it says that it is over. */
    private void cancelProblems() {
        running.keySet().stream()
                .filter(cancelling::contains)
                .forEach(problem -> effects.add(new Effect.CancelProblem(problem)));
    }

    private void tell(String problem, ProblemStatus status) {
        effects.add(new Effect.TellChange(problem, status));
    }

    private static Effect start(JobState.Accepted job, Numbered numbered) {
        var specification = job.specification();
        int attempt = job.attempt(numbered.index());
        return new Effect.Start(new ProblemSpecification(
                specification.id(),
                numbered.id(),
                numbered.question().prompt(),
                specification.method(),
                specification.policy(),
                specification.prm(),
                specification.sampling(),
                specification.limits(),
                specification.stops(),
                specification.seed(),
                specification.grader(),
                job.acceptedAtMillis() << ORDER_BITS_FOR_INDEX | numbered.index(),
                attempt == 0 ? null : attempt,
                specification.budget(),
                specification.priority(),
                specification.numericsFamily(),
                specification.patienceSeconds(),
                specification.endAtAnswer(),
                specification.thinking(),
                specification.extraction()));
    }

    private static boolean isOpen(JobState state) {
        return state instanceof JobState.Accepted job && !job.over();
    }

    // ---- how it stands

    /** The problems that run, in the order they were started. */
    public List<String> running() {
        return List.copyOf(running.keySet());
    }

    /** What the job waits for; null while that is not known. */
    public List<Waiting> waiting(JobState.Accepted job) {
        if (job.over()) {
            return List.of();
        }
        return toldOfPlaces || !waiting.isEmpty() ? List.copyOf(waiting.values()) : null;
    }

    public JobView view(JobState.Accepted job) {
        return JobView.of(job, running.size(), waiting(job));
    }
}
