package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.journal.ProblemRow;
import cloudchamber.coordinator.problem.ProblemStatus;
import java.util.Locale;

/**
 * A problem in the list of its job.
 *
 * @param attempts how often it was tried, the one under way included
 * @param answer null if there is none, or none yet
 * @param logEvidence null where it is not defined or not yet known
 * @param failure null unless it failed
 * @param startedAt as ISO 8601 has it, in UTC; null before
 * @param endedAt null before
 * @param cost null before the end
 */
public record ProblemLine(
        String id,
        String question,
        ProblemStatus status,
        int attempts,
        String answer,
        Double logEvidence,
        String failure,
        String startedAt,
        String endedAt,
        JobCost cost) {

    public static ProblemLine of(ProblemRow row) {
        var result = row.result();
        return new ProblemLine(
                row.problem(),
                row.prompt().lastQuestion(),
                ProblemStatus.valueOf(row.status().toUpperCase(Locale.ROOT)),
                row.startedAtMillis() == null ? 0 : row.attempt() + 1,
                result == null ? null : result.answer(),
                result == null ? null : result.logEvidence(),
                row.failure(),
                JobDocument.instant(row.startedAtMillis()),
                JobDocument.instant(row.endedAtMillis()),
                result == null ? null : JobCost.of(result));
    }
}
