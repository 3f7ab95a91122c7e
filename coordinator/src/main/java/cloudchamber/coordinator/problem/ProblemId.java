package cloudchamber.coordinator.problem;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/** Which problem of which job. */
public record ProblemId(String job, String problem) {

    /**
     * The entity's id: different for different problems, whatever characters the client's ids have. Part
     * of the persistence id, so it never changes.
     */
    public String entity() {
        return URLEncoder.encode(job, StandardCharsets.UTF_8)
                + "/"
                + URLEncoder.encode(problem, StandardCharsets.UTF_8);
    }

    static ProblemId of(String entity) {
        var parts = entity.split("/");
        return new ProblemId(
                URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
}
