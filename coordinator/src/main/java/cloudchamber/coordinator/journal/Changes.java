package cloudchamber.coordinator.journal;

import cloudchamber.protocol.model.Prompt;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The read model's changes as statements. */
final class Changes {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String JOBS = "job|";

    /** Comes after every character of an id. */
    private static final String LAST = "\uFFFF";

    private Changes() {}

    /** The statements of an event's changes; none if it has none. */
    static List<Statement.Write> of(String persistenceId, Object payload) {
        return payload instanceof JournalEvent event
                ? event.changes(persistenceId.substring(persistenceId.indexOf('|') + 1)).stream()
                        .flatMap(change -> writes(change).stream())
                        .toList()
                : List.of();
    }

    static List<Statement.Write> writes(Change change) {
        return switch (change) {
            case Change.JobAccepted accepted -> accepted(accepted);
            case Change.ProblemCounted(var job, var end, var atMillis) -> List.of(counted(job, end, atMillis));
            case Change.JobCancelled(var job, var atMillis) ->
                List.of(Statement.CANCEL_JOB.with(atMillis, atMillis, job));
            case Change.JobRetried(var job, var atMillis) ->
                List.of(Statement.RETRY_JOB.with(atMillis, job), Statement.RETRY_PROBLEMS.with(job));
            case Change.JobDeleted(var job, var problems) ->
                List.of(
                        Statement.DELETE_QUESTIONS.with(job),
                        Statement.DELETE_LABELS.with(job),
                        Statement.DELETE_PROBLEMS.with(job),
                        Statement.DELETE_JOB.with(job),
                        Statement.DELETE_EVENTS_OF.with(problems, problems + LAST),
                        Statement.DELETE_EARLIER_EVENTS.with(JOBS + job, JOBS + job));
            case Change.ProblemStarted(var job, var problem, var attempt, var atMillis) ->
                List.of(
                        Statement.START_PROBLEM.with(job, problem, attempt, atMillis),
                        Statement.START_JOB.with(atMillis, job));
            case Change.ProblemEnded ended -> List.of(ended(ended));
        };
    }

    static Statement.Write question(String job, int position, Change.Question question) {
        return Statement.ADD_QUESTION.with(job, position, question.problem(), write(question.prompt()));
    }

    static Prompt prompt(String json) {
        try {
            return JSON.readValue(json, Prompt.class);
        } catch (JsonProcessingException broken) {
            throw new StorageException("a stored prompt must be one: " + broken.getOriginalMessage(), broken);
        }
    }

    private static String write(Prompt prompt) {
        try {
            return JSON.writeValueAsString(prompt);
        } catch (JsonProcessingException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static List<Statement.Write> accepted(Change.JobAccepted accepted) {
        var writes = new ArrayList<Statement.Write>();
        for (int position = 0; position < accepted.questions().size(); position++) {
            writes.add(question(accepted.job(), position, accepted.questions().get(position)));
        }
        writes.add(Statement.ADD_JOB.with(
                accepted.job(),
                accepted.tenant(),
                accepted.total(),
                accepted.method(),
                accepted.policy(),
                accepted.prm(),
                accepted.atMillis(),
                accepted.atMillis()));
        accepted.labels().forEach((name, value) -> writes.add(Statement.ADD_LABEL.with(accepted.job(), name, value)));
        return writes;
    }

    private static Statement.Write counted(String job, Change.End end, long atMillis) {
        int succeeded = end == Change.End.SUCCEEDED ? 1 : 0;
        int failed = end == Change.End.FAILED ? 1 : 0;
        int cancelled = end == Change.End.CANCELLED ? 1 : 0;
        return Statement.COUNT_PROBLEM.with(succeeded, failed, cancelled, atMillis, failed, atMillis, job);
    }

    private static Statement.Write ended(Change.ProblemEnded ended) {
        var result = ended.result();
        return Statement.END_PROBLEM.with(
                name(ended.end()),
                ended.atMillis(),
                ended.failure(),
                result == null ? null : result.answer(),
                result == null ? null : result.logEvidence(),
                result == null ? null : result.rounds(),
                result == null ? null : result.policyCalls(),
                result == null ? null : result.prmCalls(),
                result == null ? null : result.promptTokens(),
                result == null ? null : result.cachedTokens(),
                result == null ? null : result.completionTokens(),
                result == null ? null : result.prmTokens(),
                result == null ? null : result.wastedTokens(),
                result == null ? null : result.policySlotMillis(),
                result == null ? null : result.prmSlotMillis(),
                result == null ? null : result.wastedSlotMillis(),
                ended.job(),
                ended.problem());
    }

    private static String name(Change.End end) {
        return end.name().toLowerCase(Locale.ROOT);
    }
}
