package cloudchamber.coordinator.job;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One thing that a job waits for.
 *
 * @param what {@code policy NAME}, {@code prm NAME}, {@code places} or {@code database}
 * @param sinceMillis since 1970
 * @param reason one sentence: the last refusal, where there was one
 */
public record Waiting(@JsonProperty("for") String what, long sinceMillis, String reason) {}
