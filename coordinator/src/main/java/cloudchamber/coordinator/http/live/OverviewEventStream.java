package cloudchamber.coordinator.http.live;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.util.ByteString;

/** The events of the cluster: {@code overview}, now and whenever it changes. Only the newest is kept. */
final class OverviewEventStream implements EventStreamActor.Content<Overview.Sample> {
    private final ActorRef<Overview.Command> overview;
    private ActorRef<Overview.Sample> follower;
    private ByteString newest = ByteString.emptyByteString();

    OverviewEventStream(ActorRef<Overview.Command> overview) {
        this.overview = overview;
    }

    @Override
    public void follow(ActorContext<EventStreamActor.Command<Overview.Sample>> context) {
        if (follower == null) {
            follower = context.messageAdapter(Overview.Sample.class, EventStreamActor.Told::new);
            overview.tell(new Overview.Follow(follower));
        }
    }

    @Override
    public void take(Overview.Sample sample) {
        newest = sample.event();
    }

    @Override
    public ByteString next() {
        var next = newest;
        newest = ByteString.emptyByteString();
        return next;
    }

    @Override
    public boolean over() {
        return false;
    }
}
