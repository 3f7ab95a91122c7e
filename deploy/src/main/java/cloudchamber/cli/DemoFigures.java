package cloudchamber.cli;

import cloudchamber.client.ApiClient;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * What the demo must show on one numerics class, and what it did show.
 *
 * @param passAtOne right answers of {@code passAtOneRuns} one-particle runs
 * @param particleFilter right answers of {@code problems} runs of the particle filter
 */
record DemoFigures(
        String policyClass, String prmClass, int problems, int passAtOne, int passAtOneRuns, int particleFilter) {

    private static final String RESOURCE = "/cloudchamber/cli/demo-figures.json";

    /** The figures that the README shows. */
    static DemoFigures published() {
        try (var stream = DemoFigures.class.getResourceAsStream(RESOURCE)) {
            JsonNode json = ApiClient.JSON.readTree(stream);
            return new DemoFigures(
                    json.path("policyClass").asText(),
                    json.path("prmClass").asText(),
                    json.path("problems").asInt(),
                    json.path("passAtOne").asInt(),
                    json.path("passAtOneRuns").asInt(),
                    json.path("particleFilter").asInt());
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Whether both were measured where equal requests give equal bits. */
    boolean comparableWith(DemoFigures other) {
        return policyClass.equals(other.policyClass) && prmClass.equals(other.prmClass);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "pass@1 %d/%d, particle filter %d/%d", passAtOne, passAtOneRuns, particleFilter, problems);
    }
}
