package cloudchamber.coordinator.journal;

import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.SupervisorStrategy;

/**
 * Marks what is journalled; bound to CBOR under fixed names in {@code reference.conf}. Every event carries the version of
 * its schema: fields are only ever added, and a reader accepts every version up to its own.
 */
public interface JournalEvent {

    /** The version of the event's schema, from 1. */
    int schema();

    /**
     * What the event changes in the read model; stored with it, in one transaction.
     *
     * @param entity the id of the entity it happened to
     */
    default List<Change> changes(String entity) {
        return List.of();
    }

    /** What an entity does whose events could not be kept: it reads what was kept, after a pause of a few seconds at most. */
    BackoffSupervisorStrategy READ_AGAIN =
            SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(3), .2);
}
