package cloudchamber.engine;

import java.util.List;

/**
 * Asks for the log-odds of two label tokens after some tokens of a text.
 *
 * @param prefix the text
 * @param suffix read after it and forgotten again, such as a question about the text; may be empty
 * @param good the label that speaks for the text
 * @param bad the label that speaks against it
 * @param positions indexes into prefix and suffix together, ascending: the labels are read after each
 * @param keep whether the prefix stays in memory for what continues it
 */
public record ScoreRequest(Tokens prefix, Tokens suffix, int good, int bad, List<Integer> positions, boolean keep) {
    public ScoreRequest {
        positions = List.copyOf(positions);
        int size = prefix.size() + suffix.size();
        int last = -1;
        for (int position : positions) {
            if (position <= last || position >= size) {
                throw new IllegalArgumentException(
                        "positions must ascend within the " + size + " tokens: were " + positions);
            }
            last = position;
        }
        if (positions.isEmpty()) {
            throw new IllegalArgumentException("a score needs at least one position: had none");
        }
    }

    /** The log-odds after the last token of prefix and suffix; the prefix stays in memory. */
    public static ScoreRequest atEnd(Tokens prefix, Tokens suffix, int good, int bad) {
        return new ScoreRequest(prefix, suffix, good, bad, List.of(prefix.size() + suffix.size() - 1), true);
    }
}
