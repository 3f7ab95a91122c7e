/**
 * The methods, each a pure state machine over complete rounds.
 *
 * <pre>
 *              plan()                      RoundCollector                 decide()            evolve()
 *   MethodRun --------> RoundPlan + replies --------------> CompletedRound --------> events --------> MethodRun
 * </pre>
 *
 * <p>{@code decide} is the only place that draws, from the streams it is given; what it drew stands in
 * the event, so replaying events needs no luck. Nothing here knows how steps are generated or scored.
 *
 * <p>May use: the JDK, {@code coordinator.grade}, {@code coordinator.smc}, {@code protocol.model},
 * {@code protocol.model.method}. Never: Pekko, I/O, clocks, logging, or a random source that was not passed in.
 */
package cloudchamber.coordinator.method;
