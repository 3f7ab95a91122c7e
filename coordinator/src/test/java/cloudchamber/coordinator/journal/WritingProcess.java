package cloudchamber.coordinator.journal;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import com.typesafe.config.ConfigFactory;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * A program that writes until it is killed. For each event it prints {@code sent ENTITY NUMBER} before and {@code
 * acknowledged ENTITY NUMBER} after it was told that the event is kept.
 */
final class WritingProcess {
    private WritingProcess() {}

    static final int ENTITIES = 32;

    record Happened(int schema, long number, String text) implements JournalEvent {}

    /** The name of what it stores. */
    static final class Names implements SerialNames {
        @Override
        public List<SerialName> names() {
            return List.of(SerialName.of("writing-process.happened.1", Happened.class));
        }
    }

    private enum Write {
        WRITE
    }

    /** @param arguments the name of a setting of the journal and its value */
    public static void main(String[] arguments) {
        var settings = CompatibilityKit.settings(ConfigFactory.parseMap(Map.of(
                "cloudchamber.journal." + arguments[0],
                arguments[1],
                "cloudchamber.serial-names.writing-process",
                Names.class.getName())));
        ActorSystem.create(
                Behaviors.setup(context -> {
                    for (int entity = 0; entity < ENTITIES; entity++) {
                        var id = "writer|" + entity;
                        context.spawn(Behaviors.<Write>setup(own -> new Writer(own, id)), "writer-" + entity);
                    }
                    return Behaviors.empty();
                }),
                "writers",
                settings);
    }

    /** Its state is the number of its last event. */
    private static final class Writer extends EventSourcedBehavior<Write, Happened, Long> {
        private final ActorContext<Write> context;
        private final String id;

        Writer(ActorContext<Write> context, String id) {
            super(PersistenceId.ofUniqueId(id), JournalEvent.READ_AGAIN);
            this.context = context;
            this.id = id;
        }

        @Override
        public Long emptyState() {
            return 0L;
        }

        @Override
        public EventHandler<Long, Happened> eventHandler() {
            return (last, event) -> {
                if (event.number() != last + 1) {
                    throw new IllegalStateException(
                            "the events of " + id + " must follow each other: " + event.number() + " after " + last);
                }
                return event.number();
            };
        }

        @Override
        public CommandHandler<Write, Happened, Long> commandHandler() {
            return (last, write) -> {
                say("sent", last + 1);
                return Effect()
                        .persist(new Happened(1, last + 1, "x".repeat(1600)))
                        .thenRun(number -> {
                            say("acknowledged", number);
                            context.getSelf().tell(Write.WRITE);
                        });
            };
        }

        @Override
        public SignalHandler<Long> signalHandler() {
            return newSignalHandlerBuilder()
                    .onSignal(
                            RecoveryCompleted.instance(),
                            last -> context.getSelf().tell(Write.WRITE))
                    .build();
        }

        private void say(String what, long number) {
            System.out.println(what + " " + id + " " + number);
        }
    }
}
