package cloudchamber.coordinator.grade;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;

/**
 * How the final answer is found in a text: a setting of jobs, sweeps and data sets, and stored with them.
 *
 * <p>A specification stored without one has the first edition of the rules, {@link Graders#byId}.
 *
 * @param rules the edition of the rules, {@link #RULES}; stored so that a later edition leaves old results alone
 * @param format one of {@link #FORMATS}; null with a pattern
 * @param pattern a regular expression in RE2 syntax, whose last match is the answer: its group {@code answer} if it
 *     has one, else its first group, else the whole match; null with a format
 * @param stops texts that end an answer: what stands from the first of them on is not read
 */
public record Extraction(int rules, String format, String pattern, List<String> stops) {
    /** The edition that new submissions have. */
    public static final int RULES = 2;

    /**
     * The formats by their names.
     *
     * <ul>
     *   <li>{@code standard}: the last box; else the last mark of an answer, such as {@code Answer: 18} or "the answer
     *       is 18"; else the last number. The choice grader looks for a letter instead
     *   <li>{@code boxed}: the last {@code \boxed}, and those joined to it on its line
     *   <li>{@code boxed-all}: all boxes, in order
     *   <li>{@code hashes}: the last line {@code #### 18}
     *   <li>{@code answer-line}: the last {@code Answer: 18}, heading "Final Answer", or "the answer is 18"
     *   <li>{@code last-number}: the last number, or the formula it stands in
     *   <li>{@code choice}: the letter of a multiple choice
     * </ul>
     */
    public static final List<String> FORMATS =
            List.of("standard", "boxed", "boxed-all", "hashes", "answer-line", "last-number", "choice");

    /** What a submission that says nothing of it has. */
    public static final Extraction STANDARD = new Extraction(RULES, "standard", null, List.of());

    private static final int PATTERN_MAX = 1_000;
    private static final int STOPS_MAX = 16;
    private static final int STOP_LENGTH_MAX = 200;

    public Extraction {
        stops = stops == null ? List.of() : List.copyOf(stops);
        if (rules != RULES) {
            throw new IllegalArgumentException("rules must be " + RULES + ": was " + rules);
        }
        if ((format == null) == (pattern == null)) {
            throw new IllegalArgumentException("either a format or a pattern must be given");
        }
        if (format != null && !FORMATS.contains(format)) {
            throw new IllegalArgumentException(
                    "format must be one of " + String.join(", ", FORMATS) + ": was " + format);
        }
        if (pattern != null) {
            requirePattern(pattern);
        }
        if (stops.size() > STOPS_MAX
                || stops.stream().anyMatch(stop -> stop.isBlank() || stop.length() > STOP_LENGTH_MAX)) {
            throw new IllegalArgumentException("stops must be at most " + STOPS_MAX + " texts of 1 to "
                    + STOP_LENGTH_MAX + " characters that are not blank");
        }
    }

    /** One of the current rules by its name. */
    public static Extraction of(String format) {
        return new Extraction(RULES, format, null, List.of());
    }

    /** One that takes the last match of a regular expression. */
    public static Extraction matching(String pattern) {
        return new Extraction(RULES, null, pattern, List.of());
    }

    /** The same, with texts that end an answer. */
    public Extraction cutAt(List<String> texts) {
        return new Extraction(rules, format, pattern, texts);
    }

    private static void requirePattern(String pattern) {
        if (pattern.isEmpty() || pattern.length() > PATTERN_MAX) {
            throw new IllegalArgumentException("pattern must have 1 to " + PATTERN_MAX + " characters");
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException malformed) {
            throw new IllegalArgumentException(
                    "pattern must be a regular expression of RE2: " + malformed.getMessage());
        }
    }
}
