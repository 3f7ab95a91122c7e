package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.AnswerMarks.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The boxes of a text, by the second edition of the rules. */
final class Boxes {
    private static final List<String> MARKS = List.of("\\boxed", "\\fbox", "\\framebox");

    /** So many boxes from the end are looked at: a text of nothing but empty boxes must not cost a scan each. */
    private static final int TRIED_MAX = 16;

    private static final int ALL_MAX = 64;

    /** What instructions put into a box to show where the answer goes. */
    private static final Set<String> PLACEHOLDERS = Set.of(
            "answer", "youranswer", "finalanswer", "theanswer", "yourfinalanswer", "...", "\\ldots", "\\dots", "?");

    private Boxes() {}

    /** The last box that holds an answer, and those joined to it on its line. */
    static Optional<String> last(String text) {
        int before = text.length();
        for (int tried = 0; tried < TRIED_MAX && before > 0; tried++) {
            Optional<Found> box = AnswerMarks.boxBefore(text, before, MARKS);
            if (box.isEmpty()) {
                return Optional.empty();
            }
            if (isAnswer(box.get().answer())) {
                return Optional.of(AnswerMarks.joined(text, box.get(), MARKS).answer());
            }
            before = box.get().start();
        }
        return Optional.empty();
    }

    /** All closed boxes that hold an answer, in order, as one list; of the last 64 boxes. */
    static Optional<String> all(String text) {
        List<String> answers = new ArrayList<>();
        int before = text.length();
        for (int tried = 0; tried < ALL_MAX && before > 0; tried++) {
            Optional<Found> box = AnswerMarks.boxBefore(text, before, MARKS);
            if (box.isEmpty()) {
                break;
            }
            if (box.get().closed() && isAnswer(box.get().answer())) {
                answers.addFirst(box.get().answer());
            }
            before = box.get().start();
        }
        return answers.isEmpty()
                ? Optional.empty()
                : Optional.of(answers.stream().distinct().collect(Collectors.joining(", ")));
    }

    private static boolean isAnswer(String content) {
        if (content.isEmpty() || MARKS.stream().anyMatch(content::startsWith)) {
            return false;
        }
        String bare = content.replace("\\text", "").replaceAll("[\\s{}]", "").toLowerCase(Locale.ROOT);
        return !PLACEHOLDERS.contains(bare);
    }
}
