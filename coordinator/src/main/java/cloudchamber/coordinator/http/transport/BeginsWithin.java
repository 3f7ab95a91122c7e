package cloudchamber.coordinator.http.transport;

import java.time.Duration;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInHandler;
import org.apache.pekko.stream.stage.AbstractOutHandler;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;
import org.apache.pekko.stream.stage.TimerGraphStageLogic;

/** Ends a stream, as if it were at its end, if its first element does not come in time. */
final class BeginsWithin<T> extends GraphStage<FlowShape<T, T>> {
    private final Inlet<T> in = Inlet.create("BeginsWithin.in");
    private final Outlet<T> out = Outlet.create("BeginsWithin.out");
    private final FlowShape<T, T> shape = FlowShape.of(in, out);
    private final Duration time;

    BeginsWithin(Duration time) {
        this.time = time;
    }

    @Override
    public FlowShape<T, T> shape() {
        return shape;
    }

    @Override
    public GraphStageLogic createLogic(Attributes attributes) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic {
        private boolean begun;

        Logic() {
            super(shape);
            setHandler(in, new AbstractInHandler() {
                @Override
                public void onPush() {
                    begun = true;
                    push(out, grab(in));
                }
            });
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() {
                    pull(in);
                }
            });
        }

        @Override
        public void preStart() {
            scheduleOnce("begin", time);
        }

        @Override
        public void onTimer(Object timer) {
            if (!begun) {
                completeStage();
            }
        }
    }
}
