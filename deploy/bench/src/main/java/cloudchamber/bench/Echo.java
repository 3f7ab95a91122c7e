package cloudchamber.bench;

import cloudchamber.protocol.serial.SerialName;
import cloudchamber.protocol.serial.SerialNames;
import cloudchamber.protocol.wire.WireMessage;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/** Bare round trips: what two processes pay for a message and its answer when nothing else is done. */
final class Echo {
    private Echo() {}

    /** About 200 bytes with its address. */
    record Ping(String padding, ActorRef<Pong> replyTo) implements WireMessage {}

    record Pong(String padding) implements WireMessage {}

    /** Their names on the wire. */
    static final class Names implements SerialNames {
        @Override
        public List<SerialName> names() {
            return List.of(SerialName.of("echo.ping.1", Ping.class), SerialName.of("echo.pong.1", Pong.class));
        }
    }

    private sealed interface Command {}

    private record Found(Receptionist.Listing listing) implements Command {}

    private record Answered(Pong pong) implements Command {}

    static final ServiceKey<Ping> KEY = ServiceKey.create(Ping.class, "bench-echo");
    private static final String PADDING = "x".repeat(100);
    private static final String PONG_PADDING = "x".repeat(190);

    static Behavior<Ping> create() {
        return Behaviors.setup(context -> {
            context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
            return Behaviors.receiveMessage(ping -> {
                ping.replyTo().tell(new Pong(PONG_PADDING));
                return Behaviors.same();
            });
        });
    }

    /** Makes round trips, so many at once, and completes. */
    static void pingPong(BenchNode node, int count, int window, String name, Duration patience) {
        var done = new CompletableFuture<Void>();
        node.spawn(caller(count, window, done), name);
        BenchNode.await(done, patience);
    }

    private static Behavior<Command> caller(int count, int window, CompletableFuture<Void> done) {
        return Behaviors.setup(context -> {
            var listings = context.messageAdapter(Receptionist.Listing.class, Found::new);
            var pongs = context.messageAdapter(Pong.class, Answered::new);
            context.getSystem().receptionist().tell(Receptionist.subscribe(KEY, listings));
            int[] left = {count};
            var echo = new ActorRef<?>[1];
            return Behaviors.receiveMessage(command -> {
                switch (command) {
                    case Found(var listing) -> {
                        var found = listing.getServiceInstances(KEY);
                        if (echo[0] == null && !found.isEmpty()) {
                            echo[0] = found.iterator().next();
                            for (int ping = 0; ping < window; ping++) {
                                tell(echo[0], pongs);
                            }
                        }
                    }
                    case Answered answered -> {
                        left[0]--;
                        if (left[0] >= window) {
                            tell(echo[0], pongs);
                        } else if (left[0] == 0) {
                            done.complete(null);
                            return Behaviors.stopped();
                        }
                    }
                }
                return Behaviors.same();
            });
        });
    }

    private static void tell(ActorRef<?> echo, ActorRef<Pong> replyTo) {
        echo.<Ping>unsafeUpcast().tell(new Ping(PADDING, replyTo));
    }
}
