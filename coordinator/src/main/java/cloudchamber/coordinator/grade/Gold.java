package cloudchamber.coordinator.grade;

import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Right answers as data sets publish them. */
public final class Gold {
    private static final String HASHES = "####";

    /** A list as Python prints it: {@code ['70']}, {@code ["a", "b"]}. */
    private static final Pattern PRINTED = Pattern.compile(
            "\\[\\s*+(?:'[^']*+'|\"[^\"]*+\")(?:\\s*+,\\s*+(?:'[^']*+'|\"[^\"]*+\"))*+\\s*+,?+\\s*+\\]");

    private static final Pattern ENTRY = Pattern.compile("'([^']*+)'|\"([^\"]*+)\"");

    private Gold() {}

    /** The answer that a field says: behind {@code ####}, or out of a printed list, or the whole; empty if blank. */
    public static Optional<String> published(String answer) {
        int mark = answer.lastIndexOf(HASHES);
        String said =
                mark < 0 ? answer : answer.substring(mark + HASHES.length()).strip();
        String bare = said.strip();
        if (PRINTED.matcher(bare).matches()) {
            said = ENTRY.matcher(bare)
                    .results()
                    .map(Gold::entry)
                    .filter(entry -> !entry.isBlank())
                    .collect(Collectors.joining(", "));
        }
        boolean nothing = said.isBlank() || bare.equals("[]") || bare.equals("\\boxed{}");
        return nothing ? Optional.empty() : Optional.of(said);
    }

    private static String entry(MatchResult entry) {
        return (entry.group(1) == null ? entry.group(2) : entry.group(1)).replace("\\\\", "\\");
    }

    /** The answer that a worked solution ends in: its last box, or what stands behind {@code ####}. */
    public static Optional<String> ofSolution(String solution) {
        return Boxes.last(solution).or(() -> solution.contains(HASHES) ? published(solution) : Optional.empty());
    }
}
