package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.sweep.SweepPlan.CellJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that a sweep decides: which jobs to submit, several at a time so that no slot waits for the last problems
 * of a cell, and when it is over. Deterministic; time comes in.
 */
public final class SweepMachine {
    /*
     * What a job has done is the job's to remember. A sweep keeps its specification and whether it may start jobs; after
     * a restart it submits its jobs again in order, which a job that was accepted before answers with where it is.
     */

    /** What a job is asked. Each may come twice, late or never; a job that knows its answer gives it again. */
    public enum Question {
        /** To be accepted, or to say that it was. */
        SUBMIT,
        /** How it stands. */
        VIEW,
        CANCEL,
        /** To try its failed problems again. */
        RETRY
    }

    /** What is to be done about an input. */
    public sealed interface Reaction {

        /** Do these. */
        record Do(List<Effect> effects) implements Reaction {
            public Do {
                effects = List.copyOf(effects);
            }
        }

        /** Write this; once it is durable, ask for {@link SweepMachine#written}. */
        record Write(SweepEvent event) implements Reaction {}
    }

    /** One thing to do. */
    public sealed interface Effect {

        /**
         * Ask a job, and tell of its answer by {@link SweepMachine#answered}.
         *
         * @param number of the question; later ones have larger numbers
         */
        record Ask(CellJob job, Question question, long number) implements Effect {}

        /** Tell the followers how the sweep stands. */
        record TellStanding() implements Effect {}

        /** Ask for {@link SweepMachine#ticked} every second, or no more. */
        record Tick(boolean on) implements Effect {}
    }

    private final int maxOpenProblems;
    private final Set<String> submitted = new HashSet<>();
    private final Set<String> retrying = new HashSet<>();
    private final Map<String, JobView> seen = new HashMap<>();
    /** Jobs that were never accepted, or deleted since: there is nothing to wait for. */
    private final Set<String> absent = new HashSet<>();

    /** Of each job that was retried the first question that its retry answers; what it said before is outdated. */
    private final Map<String, Long> retriedAt = new HashMap<>();

    private List<Effect> effects = new ArrayList<>();
    private long nextQuestion;

    /** @param maxOpenProblems the jobs that run at once have about this many open problems together */
    public SweepMachine(int maxOpenProblems) {
        this.maxOpenProblems = maxOpenProblems;
    }

    // ---- the life of the actor

    /** The sweep was read from the journal, at its beginning or after a crash: what its jobs said is asked for again. */
    public List<Effect> recovered(SweepState state) {
        submitted.clear();
        retrying.clear();
        seen.clear();
        absent.clear();
        effects.clear();
        if (state instanceof SweepState.Known sweep && !mayStart(sweep)) {
            askAll(sweep);
        }
        return settled(state);
    }

    /** What follows from an event that is durable. */
    public List<Effect> written(SweepState state, SweepEvent event) {
        if (!(event instanceof SweepEvent.Ended)) {
            absent.clear();
        }
        if (event instanceof SweepEvent.Cancelled && state instanceof SweepState.Known sweep) {
            askAll(sweep);
        }
        effects.add(new Effect.TellStanding());
        return settled(state);
    }

    // ---- requests

    /** Accepts the sweep, or goes on with it: with other cells if they differ, and from where it was paused. */
    public Reaction submit(SweepState state, SweepSpecification asked, long nowMillis) {
        return switch (state) {
            case SweepState.Unknown unknown ->
                new Reaction.Write(new SweepEvent.Accepted(SweepEvent.SCHEMA, asked, nowMillis));
            case SweepState.Known sweep -> {
                var specification = asked.again(sweep.specification());
                var accepted = new SweepEvent.Accepted(SweepEvent.SCHEMA, specification, nowMillis);
                boolean same = sweep.specification().equals(specification);
                yield switch (sweep.status()) {
                    case CANCELLED -> nothing();
                    case RUNNING, ENDED -> same ? nothing() : new Reaction.Write(accepted);
                    case PAUSED ->
                        new Reaction.Write(same ? new SweepEvent.Resumed(SweepEvent.SCHEMA, nowMillis) : accepted);
                };
            }
        };
    }

    public Reaction pause(SweepState.Known sweep, long nowMillis) {
        return sweep.status() == SweepStatus.RUNNING
                ? new Reaction.Write(new SweepEvent.Paused(SweepEvent.SCHEMA, nowMillis))
                : nothing();
    }

    public Reaction resume(SweepState.Known sweep, long nowMillis) {
        return sweep.status() == SweepStatus.PAUSED
                ? new Reaction.Write(new SweepEvent.Resumed(SweepEvent.SCHEMA, nowMillis))
                : nothing();
    }

    public Reaction cancel(SweepState.Known sweep, long nowMillis) {
        return mayStart(sweep) ? new Reaction.Write(new SweepEvent.Cancelled(SweepEvent.SCHEMA, nowMillis)) : nothing();
    }

    /** Has every job that failed try its failed problems again; each is asked until it has answered. */
    public Reaction retry(SweepState.Known sweep, long nowMillis) {
        var failed = sweep.specification().plan().jobs().stream()
                .filter(job -> seen.containsKey(job.id()) && seen.get(job.id()).status() == JobStatus.FAILED)
                .toList();
        if (failed.isEmpty() || sweep.status() == SweepStatus.CANCELLED) {
            return nothing();
        }
        failed.forEach(job -> {
            seen.remove(job.id());
            submitted.add(job.id());
            retrying.add(job.id());
            retriedAt.put(job.id(), nextQuestion);
            ask(job, Question.RETRY);
        });
        return new Reaction.Write(new SweepEvent.Resumed(SweepEvent.SCHEMA, nowMillis));
    }

    // ---- answers

    /**
     * A job has answered.
     *
     * @param number of the question
     * @param view null if there is no such job
     */
    public Reaction answered(
            SweepState.Known sweep, String job, Question question, long number, JobView view, long nowMillis) {
        if (number < retriedAt.getOrDefault(job, 0L)) {
            return nothing();
        }
        retrying.remove(job);
        if (view == null) {
            onAbsent(sweep, job, question);
        } else if (!view.equals(seen.put(job, view))) {
            effects.add(new Effect.TellStanding());
        }
        return endOrGoOn(sweep, nowMillis);
    }

    /**
     * A job that may still start and is not there is submitted again; one that is not accepted then was deleted, and its
     * id is given once.
     */
    private void onAbsent(SweepState.Known sweep, String job, Question question) {
        seen.remove(job);
        if (!mayStart(sweep) || question == Question.SUBMIT) {
            absent.add(job);
            effects.add(new Effect.TellStanding());
        }
    }

    /** Asks after what is not over; what was submitted and never answered is submitted again. */
    public Reaction ticked(SweepState.Known sweep, long nowMillis) {
        askAll(sweep);
        return endOrGoOn(sweep, nowMillis);
    }

    private Reaction endOrGoOn(SweepState.Known sweep, long nowMillis) {
        if (sweep.status() == SweepStatus.RUNNING && allOver(sweep)) {
            effects.clear();
            return new Reaction.Write(new SweepEvent.Ended(SweepEvent.SCHEMA, nowMillis));
        }
        return new Reaction.Do(settled(sweep));
    }

    // ---- the same for every input

    private static boolean mayStart(SweepState.Known sweep) {
        return switch (sweep.status()) {
            case RUNNING, PAUSED -> true;
            case CANCELLED, ENDED -> false;
        };
    }

    private void askAll(SweepState.Known sweep) {
        for (var job : sweep.specification().plan().jobs()) {
            if (!over(job.id())) {
                switch (sweep.status()) {
                    case CANCELLED -> ask(job, Question.CANCEL);
                    case ENDED -> ask(job, Question.VIEW);
                    case RUNNING, PAUSED -> askAfter(job);
                }
            }
        }
    }

    private void askAfter(CellJob job) {
        if (retrying.contains(job.id())) {
            ask(job, Question.RETRY);
        } else if (seen.containsKey(job.id())) {
            ask(job, Question.VIEW);
        } else if (submitted.contains(job.id())) {
            ask(job, Question.SUBMIT);
        }
    }

    private void ask(CellJob job, Question question) {
        effects.add(new Effect.Ask(job, question, nextQuestion++));
    }

    private List<Effect> settled(SweepState state) {
        if (state instanceof SweepState.Known sweep) {
            if (sweep.status() == SweepStatus.RUNNING) {
                startMore(sweep);
            }
            effects.add(new Effect.Tick(sweep.status() == SweepStatus.RUNNING || !allOver(sweep)));
        }
        var done = effects;
        effects = new ArrayList<>();
        return List.copyOf(done);
    }

    private Reaction nothing() {
        return new Reaction.Do(List.of());
    }

    /** Submits as many jobs as keep the slots full. */
    private void startMore(SweepState.Known sweep) {
        long open = sweep.specification().plan().jobs().stream()
                .filter(job -> submitted.contains(job.id()))
                .mapToLong(job -> openProblems(sweep, job))
                .sum();
        for (var job : sweep.specification().plan().jobs()) {
            if (open >= maxOpenProblems) {
                return;
            }
            if (submitted.add(job.id())) {
                ask(job, Question.SUBMIT);
                open += openProblems(sweep, job);
            }
        }
    }

    private long openProblems(SweepState.Known sweep, CellJob job) {
        var view = seen.get(job.id());
        if (view != null) {
            return (long) view.counts().queued() + view.counts().running();
        }
        return absent.contains(job.id()) ? 0 : problems(sweep, job);
    }

    private static int problems(SweepState.Known sweep, CellJob job) {
        return sweep.specification().dataSet(job.dataSet()).items().size();
    }

    private boolean allOver(SweepState.Known sweep) {
        return sweep.specification().plan().jobs().stream().allMatch(job -> over(job.id()));
    }

    private boolean over(String job) {
        var view = seen.get(job);
        return view == null
                ? absent.contains(job)
                : switch (view.status()) {
                    case SUCCEEDED, FAILED, CANCELLED -> true;
                    case QUEUED, RUNNING -> false;
                };
    }

    // ---- how it stands

    public SweepView view(SweepState.Known sweep) {
        var specification = sweep.specification();
        return new SweepView(
                specification.id(),
                specification.name(),
                sweep.status(),
                sweep.acceptedAtMillis(),
                sweep.changedAtMillis(),
                specification.dataSets().stream().map(DataSet::summary).toList(),
                specification.plan().cells(),
                specification.plan().jobs().stream()
                        .map(job -> line(sweep, job))
                        .toList(),
                specification.skipped());
    }

    private SweepView.JobLine line(SweepState.Known sweep, CellJob job) {
        var view = seen.get(job.id());
        if (view != null) {
            return new SweepView.JobLine(job.id(), job.dataSet(), view.status(), view.counts());
        }
        int total = problems(sweep, job);
        boolean never = absent.contains(job.id());
        return new SweepView.JobLine(
                job.id(),
                job.dataSet(),
                never ? JobStatus.CANCELLED : JobStatus.QUEUED,
                new JobView.Counts(total, never ? 0 : total, 0, 0, 0, never ? total : 0));
    }
}
