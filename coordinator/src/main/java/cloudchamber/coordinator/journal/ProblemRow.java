package cloudchamber.coordinator.journal;

import cloudchamber.protocol.model.Prompt;

/**
 * A problem of a job in the read model. Times are in milliseconds since 1970.
 *
 * @param position in the order of the job, from 0
 * @param status in lower case
 * @param attempt how often it was tried before
 * @param startedAtMillis null before it starts
 * @param endedAtMillis null before it ends
 * @param failure null unless it failed
 * @param result null before it ends
 */
public record ProblemRow(
        int position,
        String problem,
        Prompt prompt,
        String status,
        int attempt,
        Long startedAtMillis,
        Long endedAtMillis,
        String failure,
        Change.Result result) {}
