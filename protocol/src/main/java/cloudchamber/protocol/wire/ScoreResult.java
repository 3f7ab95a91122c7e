package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What became of one request to score. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ScoreResult.PrefixScored.class, name = "scored"),
    @JsonSubTypes.Type(value = ScoreResult.NotScored.class, name = "refused")
})
public sealed interface ScoreResult {

    AttemptKey key();

    long lease();

    Usage usage();

    /**
     * @param logOdds that the steps are right, in nats, float64; at least one. The last speaks of the
     *     prefix's last step (or of the whole prefix); entries before it of the steps before it
     */
    record PrefixScored(AttemptKey key, long lease, List<Double> logOdds, Usage usage) implements ScoreResult {
        public PrefixScored {
            logOdds = List.copyOf(logOdds);
        }
    }

    record NotScored(AttemptKey key, long lease, Refusal refusal, Usage usage) implements ScoreResult {}
}
