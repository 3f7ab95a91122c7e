package cloudchamber.coordinator.journal;

import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.serialization.SerializationExtension;

/** Whether events can be kept, whatever the state of the database. */
public final class Writable {
    private Writable() {}

    /** Why one of the events can never be written; empty if all can. */
    public static Optional<String> refusal(ActorSystem<?> system, List<? extends JournalEvent> events) {
        var serialization = SerializationExtension.get(system.classicSystem());
        try {
            events.forEach(event -> Stored.of(event, serialization));
            return Optional.empty();
        } catch (StorageException unwritable) {
            return Optional.of(unwritable.getMessage());
        }
    }
}
