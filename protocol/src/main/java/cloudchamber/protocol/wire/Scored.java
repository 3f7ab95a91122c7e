package cloudchamber.protocol.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Results of a worker, some of one or several {@link Score}.
 *
 * @param offer the slots that are free with them; null if there are none, or they are offered apart
 */
public record Scored(
        String workerId,
        List<ScoreResult> results,
        @JsonInclude(JsonInclude.Include.NON_NULL) SlotOffer offer) implements WireMessage {
    public Scored {
        results = List.copyOf(results);
    }

    /** Without slots. */
    public Scored(String workerId, List<ScoreResult> results) {
        this(workerId, results, null);
    }
}
