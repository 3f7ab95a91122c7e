package cloudchamber.coordinator.grade;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Pairs of answers and whether they are the same, from a table beside this class. */
final class Cases {
    private Cases() {}

    /** @param kind the heading the pair stands under */
    record Case(String kind, String first, boolean same, String second) {
        @Override
        public String toString() {
            return kind + ": " + first + (same ? " == " : " != ") + second;
        }
    }

    /** Reads {@code name}.txt: headings in brackets, comments after #, one pair a line. */
    static List<Case> in(String name) {
        List<Case> cases = new ArrayList<>();
        String kind = "";
        for (String line : lines(name + ".txt")) {
            boolean pair = line.contains(" == ") || line.contains(" != ");
            if (line.isBlank() || line.startsWith("# ")) {
                continue;
            }
            if (!pair) {
                kind = line.substring(1, line.length() - 1);
                continue;
            }
            boolean same = line.contains(" == ");
            String[] sides = line.split(same ? " == " : " != ", -1);
            if (sides.length != 2) {
                throw new IllegalArgumentException("one pair was expected: was " + line);
            }
            cases.add(new Case(kind, sides[0], same, sides[1]));
        }
        return cases;
    }

    static List<Case> strict() {
        return in("strict");
    }

    /** What the second edition of the rules says beyond {@link #strict}. */
    static List<Case> second() {
        return in("second");
    }

    /** {@link #strict} but for the one pair that the second edition reads in another way: {@code 2e-3} is 0.002. */
    static List<Case> strictUnderTheSecondEdition() {
        return strict().stream().filter(pair -> !pair.first().equals("2e-3")).toList();
    }

    static List<Case> paper() {
        return in("paper");
    }

    static List<String> lines(String file) {
        try (InputStream stream = Objects.requireNonNull(Cases.class.getResourceAsStream(file), file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
