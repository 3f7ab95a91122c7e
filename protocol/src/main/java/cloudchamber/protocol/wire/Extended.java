package cloudchamber.protocol.wire;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Results of a worker, some of one or several {@link Extend}.
 *
 * @param offer the slots that are free with them; null if there are none, or they are offered apart
 */
public record Extended(
        String workerId,
        List<ExtendResult> results,
        @JsonInclude(JsonInclude.Include.NON_NULL) SlotOffer offer) implements WireMessage {
    public Extended {
        results = List.copyOf(results);
    }

    /** Without slots. */
    public Extended(String workerId, List<ExtendResult> results) {
        this(workerId, results, null);
    }
}
