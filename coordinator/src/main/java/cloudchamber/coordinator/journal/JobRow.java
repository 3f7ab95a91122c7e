package cloudchamber.coordinator.journal;

import java.util.Map;

/**
 * A job in the read model. Times are in milliseconds since 1970.
 *
 * @param status in lower case
 * @param endedAtMillis null while it is not over
 * @param first the job's first event
 */
public record JobRow(
        String id,
        String status,
        int total,
        int succeeded,
        int failed,
        int cancelled,
        int running,
        long acceptedAtMillis,
        Long endedAtMillis,
        Map<String, String> labels,
        JournalEvent first) {}
