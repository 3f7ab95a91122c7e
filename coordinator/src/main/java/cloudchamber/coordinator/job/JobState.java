package cloudchamber.coordinator.job;

import cloudchamber.coordinator.problem.ProblemStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A job as its events tell it. */
sealed interface JobState {

    /** Total: an event that does not fit changes nothing. */
    JobState evolve(JobEvent event);

    /** Before it was submitted. */
    record Unknown() implements JobState {
        @Override
        public JobState evolve(JobEvent event) {
            return switch (event) {
                case JobEvent.Accepted(var schema, var specification, var atMillis) ->
                    new Accepted(specification, atMillis, Map.of(), false, atMillis);
                case JobEvent.ProblemEnded ended -> this;
                case JobEvent.Cancelled cancelled -> this;
            };
        }
    }

    /**
     * Submitted, on its way or over.
     *
     * @param ended how each problem ended that has
     * @param changedAtMillis when the last event happened
     */
    record Accepted(
            JobSpecification specification,
            long acceptedAtMillis,
            Map<String, ProblemStatus> ended,
            boolean cancelled,
            long changedAtMillis)
            implements JobState {
        @Override
        public JobState evolve(JobEvent event) {
            return switch (event) {
                case JobEvent.Accepted accepted -> this;
                case JobEvent.ProblemEnded(var schema, var problem, var status, var atMillis) -> {
                    var more = new LinkedHashMap<>(ended);
                    more.putIfAbsent(problem, status);
                    yield new Accepted(specification, acceptedAtMillis, more, cancelled, atMillis);
                }
                case JobEvent.Cancelled(var schema, var atMillis) ->
                    new Accepted(specification, acceptedAtMillis, ended, true, atMillis);
            };
        }

        /** The problems that have not ended, in order. */
        List<JobSpecification.Question> open() {
            return specification.problems().stream()
                    .filter(problem -> !ended.containsKey(problem.id()))
                    .toList();
        }

        boolean over() {
            return cancelled || ended.size() == specification.problems().size();
        }

        int count(ProblemStatus status) {
            return (int) ended.values().stream().filter(status::equals).count();
        }
    }
}
