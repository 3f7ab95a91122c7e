package cloudchamber.protocol.wire;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.Usage;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What became of one request to extend. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ExtendResult.Generated.class, name = "generated"),
    @JsonSubTypes.Type(value = ExtendResult.NotExtended.class, name = "refused")
})
public sealed interface ExtendResult {

    AttemptKey key();

    long lease();

    Usage usage();

    record Generated(AttemptKey key, long lease, Step step, Usage usage) implements ExtendResult {}

    record NotExtended(AttemptKey key, long lease, Refusal refusal, Usage usage) implements ExtendResult {}
}
