package cloudchamber.protocol.wire;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import org.apache.pekko.actor.typed.ActorRef;

/** Where a worker takes its work. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = WorkPort.Policy.class, name = "policy"),
    @JsonSubTypes.Type(value = WorkPort.Prm.class, name = "prm")
})
public sealed interface WorkPort extends WorkProtocol {

    record Policy(ActorRef<Extend> extend) implements WorkPort {}

    record Prm(ActorRef<Score> score) implements WorkPort {}
}
