package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.ProblemStatus;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A job as its events tell it. */
public sealed interface JobState {

    /** Total: an event that does not fit changes nothing. */
    JobState evolve(JobEvent event);

    /** Before it was submitted. */
    record Unknown() implements JobState {
        @Override
        public JobState evolve(JobEvent event) {
            return switch (event) {
                case JobEvent.Accepted(var schema, var specification, var atMillis, var questions) ->
                    new Accepted(specification, atMillis, Ends.NONE, Map.of(), false, atMillis, List.of());
                case JobEvent.ProblemEnded ended -> this;
                case JobEvent.Cancelled cancelled -> this;
                case JobEvent.Retried retried -> this;
                case JobEvent.Deleted deleted -> new Deleted();
            };
        }
    }

    /**
     * Submitted, on its way or over.
     *
     * @param specification without its problems, unless its event is of schema 1
     * @param attempts of the problems that were tried before, how often, by index
     * @param changedAtMillis when the last event happened
     * @param numericsClasses of the workers that served it so far, by their ids, each once
     */
    record Accepted(
            JobSpecification specification,
            long acceptedAtMillis,
            Ends ends,
            Map<Integer, Integer> attempts,
            boolean cancelled,
            long changedAtMillis,
            List<String> numericsClasses)
            implements JobState {
        @Override
        public JobState evolve(JobEvent event) {
            return switch (event) {
                case JobEvent.Accepted accepted -> this;
                case JobEvent.ProblemEnded ended -> {
                    int index = ended.index() == null ? indexOf(ended.problem()) : ended.index();
                    yield new Accepted(
                            specification,
                            acceptedAtMillis,
                            ends.plus(index, ended.status()),
                            attempts,
                            cancelled,
                            ended.atMillis(),
                            Stream.concat(numericsClasses.stream(), ended.numericsClasses().stream())
                                    .distinct()
                                    .sorted()
                                    .toList());
                }
                case JobEvent.Cancelled(var schema, var atMillis) ->
                    new Accepted(specification, acceptedAtMillis, ends, attempts, true, atMillis, numericsClasses);
                case JobEvent.Retried(var schema, var atMillis) ->
                    new Accepted(
                            specification,
                            acceptedAtMillis,
                            ends.withoutFailed(),
                            moreAttempts(),
                            cancelled,
                            atMillis,
                            numericsClasses);
                case JobEvent.Deleted deleted -> new Deleted();
            };
        }

        private int indexOf(String problem) {
            var problems = specification.problems();
            int index = 0;
            while (!problems.get(index).id().equals(problem)) {
                index++;
            }
            return index;
        }

        private Map<Integer, Integer> moreAttempts() {
            var more = new HashMap<>(attempts);
            ends.failed().stream().forEach(index -> more.merge(index, 1, Integer::sum));
            return Map.copyOf(more);
        }

        public int attempt(int index) {
            return attempts.getOrDefault(index, 0);
        }

        public int total() {
            return specification.count();
        }

        public boolean over() {
            return cancelled || ends.count() == total();
        }
    }

    /** Gone. */
    record Deleted() implements JobState {
        @Override
        public JobState evolve(JobEvent event) {
            return this;
        }
    }

    /**
     * How the problems ended that have, by index. A bit or two each, for there may be many.
     *
     * @param over those that ended, however
     * @param failed those of them that failed
     * @param cancelled how many of them were cancelled
     */
    record Ends(BitSet over, BitSet failed, int cancelled) {
        static final Ends NONE = new Ends(new BitSet(), new BitSet(), 0);

        public Ends plus(int index, ProblemStatus status) {
            if (over.get(index)) {
                return this;
            }
            var moreFailed = failed;
            if (status == ProblemStatus.FAILED) {
                moreFailed = (BitSet) failed.clone();
                moreFailed.set(index);
            }
            var more = (BitSet) over.clone();
            more.set(index);
            return new Ends(more, moreFailed, cancelled + (status == ProblemStatus.CANCELLED ? 1 : 0));
        }

        public Ends withoutFailed() {
            var fewer = (BitSet) over.clone();
            fewer.andNot(failed);
            return new Ends(fewer, new BitSet(), cancelled);
        }

        public boolean has(int index) {
            return over.get(index);
        }

        /** The first problem that has not ended. */
        public int firstOpen() {
            return over.nextClearBit(0);
        }

        public int count() {
            return over.cardinality();
        }

        public int countFailed() {
            return failed.cardinality();
        }

        public int countSucceeded() {
            return count() - countFailed() - cancelled;
        }
    }
}
