package cloudchamber.coordinator.method;

import java.util.List;

/**
 * A whole round: every expansion of its plan with its step and score.
 *
 * @param extensions in the order of the plan, whatever the order they arrived in
 * @param cost what the committed replies cost, and what was wasted beside them
 */
public record CompletedRound(int round, List<Extension> extensions, Cost cost) {
    public CompletedRound {
        extensions = List.copyOf(extensions);
    }

    /** The same round with cost added, as of replies that came twice or too late. */
    public CompletedRound plus(Cost more) {
        return new CompletedRound(round, extensions, cost.plus(more));
    }
}
