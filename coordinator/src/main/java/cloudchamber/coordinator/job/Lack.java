package cloudchamber.coordinator.job;

/**
 * One thing that a job's problems lack.
 *
 * @param what {@code policy NAME}, {@code prm NAME}, {@value #PLACES} or {@value #DATABASE}
 * @param reason one sentence: the last refusal, where there was one
 */
public record Lack(String what, String reason) {
    static final String PLACES = "places";
    static final String DATABASE = "database";
}
