package cloudchamber.coordinator.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** What can be asked of the journal as a whole. */
public final class ReadModel {
    private final Storage storage;

    private ReadModel(Storage storage) {
        this.storage = storage;
    }

    /** The one of this node. */
    public static ReadModel get(ActorSystem<?> system) {
        return new ReadModel(Storage.get(system));
    }

    /**
     * The ids of all entities of a kind that have events.
     *
     * @param kind what stands before the bar in their persistence ids
     */
    public CompletionStage<List<String>> entities(String kind) {
        return storage.read(connection -> {
            try (var statement = connection.prepareStatement("""
                    select distinct persistence_id from journal where persistence_id > ? and persistence_id < ?""")) {
                statement.setString(1, kind + "|");
                statement.setString(2, kind + "}");
                var rows = statement.executeQuery();
                var ids = new ArrayList<String>();
                while (rows.next()) {
                    ids.add(rows.getString(1).substring(kind.length() + 1));
                }
                return ids;
            }
        });
    }
}
