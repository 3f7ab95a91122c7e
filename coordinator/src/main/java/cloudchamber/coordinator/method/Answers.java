package cloudchamber.coordinator.method;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.protocol.model.Thoughts;
import java.util.Optional;

/** What a method needs to know of answers: to find one in a text, and to tell equal ones. */
public interface Answers {
    /** The final answer that {@code text}, all a particle has said, ends in; empty if there is none. */
    Optional<String> extract(String text);

    /** Whether two extracted answers are the same answer. An equivalence relation. */
    boolean equivalent(String one, String other);

    /** Answers as a grader finds and compares them in what is said: thoughts are not read, so a cut one has no answer. */
    static Answers said(Grader grader) {
        var all = of(grader);
        return new Answers() {
            @Override
            public Optional<String> extract(String text) {
                return all.extract(Thoughts.said(text));
            }

            @Override
            public boolean equivalent(String one, String other) {
                return all.equivalent(one, other);
            }
        };
    }

    /** Answers as a grader finds and compares them in all of a text. */
    static Answers of(Grader grader) {
        return new Answers() {
            @Override
            public Optional<String> extract(String text) {
                return grader.extract(text);
            }

            @Override
            public boolean equivalent(String one, String other) {
                return grader.equivalent(one, other);
            }
        };
    }
}
