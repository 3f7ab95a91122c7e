package cloudchamber.coordinator.method;

import cloudchamber.coordinator.method.MethodEvent.RunFailed;
import cloudchamber.coordinator.method.MethodEvent.RunStopped;
import cloudchamber.protocol.model.RandomStreams;
import java.util.List;
import java.util.Optional;

/**
 * One run of a method on one problem, as a value.
 *
 * <pre>
 *   round 0 --RoundClosed--> round 1 --RoundClosed--> … --RoundClosed--> finished: outcome
 *      |                        |
 *      +-------RunStopped-------+--------------------------------------> stopped: outcome, stopped
 *      |                        |
 *      +--------RunFailed-------+--------------------------------------> failed: failure
 * </pre>
 */
public interface MethodRun {
    /** What the open round needs; empty when the run is finished, was stopped or has failed. */
    RoundPlan plan();

    /**
     * The events that follow from a whole round, in order; the only place that draws. A round that is not
     * the open one has none.
     */
    List<MethodEvent> decide(CompletedRound round, RandomStreams random);

    /**
     * The event of ending the run now, with what it has; none if it has ended.
     *
     * @param detail one sentence for people: what was allowed, what was used
     */
    List<MethodEvent> stop(RunStopped.Reason reason, String detail, RandomStreams random);

    /** The run after an event. Total: an event that does not belong to the open round changes nothing. */
    MethodRun evolve(MethodEvent event);

    /** What was generated so far. */
    PrefixTree tree();

    /** What was spent so far. */
    Cost cost();

    /** What the run found; present once it is finished or stopped. */
    Optional<Outcome> outcome();

    /** Why the run failed; present once it has. */
    Optional<RunFailed> failure();
}
