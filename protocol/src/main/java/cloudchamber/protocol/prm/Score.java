package cloudchamber.protocol.prm;

import cloudchamber.protocol.WireMessage;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Prefixes to score. Idempotent, as {@code Extend} is.
 *
 * @param requests at least one, each with a lease of its own
 * @param replyTo gets one result a request, in batches of any size and order
 */
public record Score(List<ScoreRequest> requests, ActorRef<Scored> replyTo) implements WireMessage {
    public Score {
        requests = List.copyOf(requests);
    }
}
