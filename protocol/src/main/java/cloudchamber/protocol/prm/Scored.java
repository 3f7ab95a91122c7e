package cloudchamber.protocol.prm;

import cloudchamber.protocol.WireMessage;
import java.util.List;

/** Results of a worker, some of one or several {@link Score}. */
public record Scored(String workerId, List<ScoreResult> results) implements WireMessage {
    public Scored {
        results = List.copyOf(results);
    }
}
