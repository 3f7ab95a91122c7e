package cloudchamber.coordinator.grade;

import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Thoughts;
import java.util.function.Predicate;

/** Where a particle ends before the model ends it. */
public final class ParticleEnd {
    private ParticleEnd() {}

    /** Whether all a particle has said ends it, by a rule. */
    public static Predicate<String> of(EndAtAnswer rule, Grader grader) {
        return switch (rule) {
            case NEVER -> text -> false;
            case FINAL_LINE ->
                text -> FinalLine.stands(text) && !Thoughts.open(text) && grader.complete(Thoughts.said(text));
            case AT_MARK -> grader::complete;
        };
    }
}
