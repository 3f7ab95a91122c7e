package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.protocol.wire.WireMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;

/**
 * The actor of the registered data sets, one in the cluster. They come and go in parts that fit a frame; a data set is
 * stored when its last part has come, in one event, so that none is ever there by half.
 */
public final class DataSets extends EventSourcedBehavior<DataSets.Command, DataSetEvent, DataSets.State> {

    // ---- protocol

    public sealed interface Command {}

    /**
     * A part of a data set. Parts come in order; the first begins anew.
     *
     * @param first the place of the first of {@code items} in the data set
     * @param summary says how many problems there are in all
     */
    public record Put(DataSet.Summary summary, int first, List<Item> items, ActorRef<PutReply> replyTo)
            implements Command, WireMessage {
        public Put {
            items = List.copyOf(items);
        }
    }

    public record GetList(ActorRef<ListReply> replyTo) implements Command, WireMessage {}

    /** @param first the place of the first problem wanted */
    public record GetPart(String name, int first, ActorRef<PartReply> replyTo) implements Command, WireMessage {}

    /** How far a data set is. */
    public enum PutResult {
        /** More parts are to come. */
        PART,
        STORED,
        /** The part does not follow the one before; the first must be sent again. */
        OUT_OF_ORDER
    }

    public record PutReply(PutResult result) implements WireMessage {}

    public record ListReply(List<DataSet.Summary> dataSets) implements WireMessage {}

    /**
     * @param summary null if there is no data set of this name
     * @param items from the place asked for on, as many as fit
     */
    public record PartReply(DataSet.Summary summary, List<Item> items) implements WireMessage {}

    /** The data sets by name. */
    public record State(Map<String, DataSet> byName) {
        public State {
            byName = Map.copyOf(byName);
        }
    }

    // ---- creation

    public static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "data-sets");

    /** The id of the only entity. */
    public static final String ID = "all";

    /** About how many characters of problems a message holds. */
    private static final int MAX_PART_CHARACTERS = 200_000;

    private final LongSupplier clockMillis;
    private DataSet.Summary arriving;
    private final List<Item> arrived = new ArrayList<>();

    /**
     * @param clockMillis milliseconds since 1970
     */
    public static Behavior<Command> create(String id, LongSupplier clockMillis) {
        return Behaviors.setup(context -> new DataSets(id, clockMillis));
    }

    private DataSets(String id, LongSupplier clockMillis) {
        super(PersistenceId.of(TYPE.name(), id), JournalEvent.READ_AGAIN);
        this.clockMillis = clockMillis;
    }

    /** How many of {@code items}, from {@code first} on, go into one message: at least one. */
    public static int partEnd(List<Item> items, int first) {
        int end = first;
        long characters = 0;
        while (end < items.size() && (end == first || characters + length(items.get(end)) <= MAX_PART_CHARACTERS)) {
            characters += length(items.get(end));
            end++;
        }
        return end;
    }

    private static long length(Item item) {
        return (long) item.id().length()
                + item.question().length()
                + item.answer().length();
    }

    // ---- behaviour

    @Override
    public State emptyState() {
        return new State(Map.of());
    }

    @Override
    public EventHandler<State, DataSetEvent> eventHandler() {
        return (state, event) -> switch (event) {
            case DataSetEvent.Registered(var schema, var dataSet, var atMillis) -> {
                var more = new TreeMap<>(state.byName());
                more.put(dataSet.name(), dataSet);
                yield new State(more);
            }
        };
    }

    @Override
    public CommandHandler<Command, DataSetEvent, State> commandHandler() {
        return (state, command) -> switch (command) {
            case Put put -> onPut(put);
            case GetList(var replyTo) -> {
                replyTo.tell(new ListReply(new TreeMap<>(state.byName())
                        .values().stream().map(DataSet::summary).toList()));
                yield Effect().none();
            }
            case GetPart(var name, var first, var replyTo) -> {
                replyTo.tell(part(state.byName().get(name), first));
                yield Effect().none();
            }
        };
    }

    private static PartReply part(DataSet dataSet, int first) {
        if (dataSet == null) {
            return new PartReply(null, List.of());
        }
        var items = dataSet.items();
        int from = Math.clamp(first, 0, items.size());
        return new PartReply(dataSet.summary(), items.subList(from, partEnd(items, from)));
    }

    private Effect<DataSetEvent, State> onPut(Put put) {
        if (put.first() == 0) {
            arriving = put.summary();
            arrived.clear();
        }
        if (!put.summary().equals(arriving)
                || put.first() != arrived.size()
                || put.items().isEmpty()
                || arrived.size() + put.items().size() > put.summary().problems()) {
            put.replyTo().tell(new PutReply(PutResult.OUT_OF_ORDER));
            return Effect().none();
        }
        arrived.addAll(put.items());
        if (arrived.size() < put.summary().problems()) {
            put.replyTo().tell(new PutReply(PutResult.PART));
            return Effect().none();
        }
        var summary = put.summary();
        var dataSet = new DataSet(
                summary.name(),
                summary.sha256(),
                summary.grader(),
                summary.systemPrompt(),
                arrived,
                summary.extraction());
        arriving = null;
        arrived.clear();
        return Effect()
                .persist(new DataSetEvent.Registered(DataSetEvent.SCHEMA, dataSet, clockMillis.getAsLong()))
                .thenRun(state -> put.replyTo().tell(new PutReply(PutResult.STORED)));
    }
}
