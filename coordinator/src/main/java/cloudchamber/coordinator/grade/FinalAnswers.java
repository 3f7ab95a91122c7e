package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.algebra.AnswerText;
import cloudchamber.coordinator.grade.algebra.Reader;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;

/** Finds the final answer of a whole text under an {@link Extraction}. Reads a text in time linear in its length. */
final class FinalAnswers {
    private static final String HASHES = "####";
    private static final String GROUP = "answer";

    private FinalAnswers() {}

    /** What a grader looks for where the format is {@code standard}. */
    interface Standard {
        Optional<String> answer(String text);
    }

    /**
     * The answer that a text ends in.
     *
     * @param standard what is looked for where the format is {@code standard}
     */
    static Optional<String> find(Extraction extraction, String text, Standard standard) {
        String read = cut(text, extraction);
        if (extraction.pattern() != null) {
            return matched(Pattern.compile(extraction.pattern()), read);
        }
        return switch (extraction.format()) {
            case "boxed" -> Boxes.last(read);
            case "boxed-all" -> Boxes.all(read);
            case "hashes" -> hashed(read);
            case "answer-line" -> AnswerPhrases.last(read);
            case "last-number" -> Quantities.last(read);
            case "choice" -> Choices.find(read);
            default -> standard.answer(read);
        };
    }

    /** The last box, the last line if it is {@code #### 18}, the last answer that is said to be one, the last number. */
    static Optional<String> mathematical(String text) {
        return Boxes.last(text)
                .or(() -> lastLine(text))
                .or(() -> AnswerPhrases.last(text))
                .or(() -> Quantities.last(text));
    }

    /** As {@link #mathematical}, but only what is marked, and as it was written. */
    static Optional<String> marked(String text) {
        return Boxes.last(text).or(() -> lastLine(text)).or(() -> AnswerPhrases.lastAsWritten(text));
    }

    /** The text up to the first stop behind its beginning. */
    private static String cut(String text, Extraction extraction) {
        int start = 0;
        while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        int end = text.length();
        for (String stop : extraction.stops()) {
            int at = text.indexOf(stop, start + 1);
            end = at < 0 ? end : Math.min(end, at);
        }
        return text.substring(0, end);
    }

    private static Optional<String> matched(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        int group = pattern.groupCount() > 0 ? 1 : 0;
        boolean named = pattern.namedGroups().containsKey(GROUP);
        String last = null;
        while (matcher.find()) {
            String found = named ? matcher.group(GROUP) : matcher.group(group);
            last = found == null ? last : found;
        }
        return Optional.ofNullable(last).map(AnswerText::tidy).filter(answer -> !answer.isEmpty());
    }

    /** The last {@code ####} line that holds a number. */
    private static Optional<String> hashed(String text) {
        int at = text.lastIndexOf(HASHES);
        while (at >= 0) {
            int end = text.indexOf('\n', at);
            Optional<String> answer = number(text.substring(at + HASHES.length(), end < 0 ? text.length() : end));
            if (answer.isPresent()) {
                return answer;
            }
            int lineStart = text.lastIndexOf('\n', at);
            at = lineStart < 0 ? -1 : text.lastIndexOf(HASHES, lineStart);
        }
        return Optional.empty();
    }

    /** The number of a last line {@code #### 18}. */
    private static Optional<String> lastLine(String text) {
        String line = lastLineOf(text);
        return line.startsWith(HASHES) ? number(line.substring(HASHES.length())) : Optional.empty();
    }

    private static String lastLineOf(String text) {
        String stripped = text.stripTrailing();
        return stripped.substring(stripped.lastIndexOf('\n') + 1).strip();
    }

    /** What stands behind {@code ####} if it is a value rather than a heading such as "Step 1: Add". */
    private static Optional<String> number(String content) {
        String answer = AnswerPhrases.undecorated(
                Clauses.answer(Clauses.sentence(content.substring(0, Math.min(content.length(), Reader.LENGTH_MAX)))));
        boolean heading = answer.matches("(?s)[A-Za-z]{2,}+.*") || answer.matches("\\d{1,2}+[.)] .*");
        boolean holdsNumber = answer.chars().anyMatch(Character::isDigit);
        return !heading && holdsNumber && Quantities.isReadable(answer) ? Optional.of(answer) : Optional.empty();
    }
}
