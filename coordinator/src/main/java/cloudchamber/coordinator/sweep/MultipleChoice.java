package cloudchamber.coordinator.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The choices of a question and which is right.
 *
 * @param texts in order, two to ten
 * @param right the place of the right one, from 0
 */
record MultipleChoice(List<String> texts, int right) {
    private static final int MIN = 2;
    private static final int MAX = 10;
    private static final String RIGHT = "Correct Answer";
    private static final String WRONG = "Incorrect Answer ";
    /** A choice that says its own letter: {@code A)21}, {@code (B) 7}. */
    private static final Pattern LETTERED = Pattern.compile("\\(?([A-J])[).:]\\s*+(.*)", Pattern.DOTALL);

    MultipleChoice {
        texts = List.copyOf(texts);
    }

    /** A row whose choices cannot be read. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        Unusable(String detail) {
            super(detail, null, false, false);
        }
    }

    /** Whether a row has the right choice and the wrong ones in fields of their own. */
    static boolean isApart(JsonNode row) {
        return row.hasNonNull(RIGHT) && row.hasNonNull(WRONG + 1);
    }

    static boolean isPart(String field) {
        return field.equals(RIGHT) || field.startsWith(WRONG);
    }

    /** Of a row with the right choice apart: it comes first. */
    static MultipleChoice apart(JsonNode row) throws Unusable {
        var texts = new ArrayList<String>();
        texts.add(row.get(RIGHT).asText().strip());
        for (int number = 1; row.hasNonNull(WRONG + number); number++) {
            texts.add(row.get(WRONG + number).asText().strip());
        }
        return checked(texts, 0);
    }

    /**
     * Of a row with a list.
     *
     * @param answer the letter or the text of the right one, its place from 0 if it is a number
     */
    static MultipleChoice of(JsonNode choices, JsonNode answer) throws Unusable {
        var labels = new ArrayList<String>();
        var texts = new ArrayList<String>();
        if (choices.path("text").isArray()) {
            choices.get("text").forEach(text -> texts.add(text.asText()));
            choices.path("label").forEach(label -> labels.add(label.asText()));
        } else if (choices.isObject()) {
            choices.properties().forEach(choice -> {
                labels.add(choice.getKey());
                texts.add(choice.getValue().asText());
            });
        } else {
            choices.forEach(choice -> {
                var lettered = LETTERED.matcher(choice.asText().strip());
                boolean inOrder = lettered.matches() && lettered.group(1).equals(letter(texts.size()));
                texts.add(inOrder ? lettered.group(2) : choice.asText());
            });
        }
        texts.replaceAll(String::strip);
        return checked(texts, place(texts, labels, answer));
    }

    private static int place(List<String> texts, List<String> labels, JsonNode answer) throws Unusable {
        if (answer.isIntegralNumber()) {
            return answer.intValue();
        }
        var said = answer.asText().strip();
        if (labels.contains(said)) {
            return labels.indexOf(said);
        }
        if (said.matches("[A-Ja-j]") && labels.isEmpty()) {
            return Character.toUpperCase(said.charAt(0)) - 'A';
        }
        if (texts.contains(said)) {
            return texts.indexOf(said);
        }
        if (said.matches("\\d")) {
            return said.charAt(0) - '0';
        }
        throw new Unusable("must have an answer that is one of its choices: has another");
    }

    private static MultipleChoice checked(List<String> texts, int right) throws Unusable {
        if (texts.size() < MIN || texts.size() > MAX || texts.stream().anyMatch(String::isEmpty)) {
            throw new Unusable("must have " + MIN + " to " + MAX + " choices that are not blank: has " + texts.size()
                    + " entries");
        }
        if (right < 0 || right >= texts.size()) {
            throw new Unusable("must have an answer that is one of its " + texts.size() + " choices: has another");
        }
        return new MultipleChoice(texts, right);
    }

    /** In another order, the same for the same seed and id: by the hashes of seed, id and place. */
    MultipleChoice shuffled(long seed, String id) {
        var order = IntStream.range(0, texts.size())
                .boxed()
                .sorted(Comparator.comparing(
                        place -> Sha256.hex((seed + "|" + id + "|" + place).getBytes(StandardCharsets.UTF_8))))
                .toList();
        return new MultipleChoice(order.stream().map(texts::get).toList(), order.indexOf(right));
    }

    /** The question with the choices behind it, each on a line with its letter. */
    String asked(String question) {
        var asked = new StringBuilder(question).append('\n');
        for (int place = 0; place < texts.size(); place++) {
            asked.append('\n').append(letter(place)).append(") ").append(texts.get(place));
        }
        return asked.toString();
    }

    /** The letter of the right choice. */
    String answer() {
        return letter(right);
    }

    private static String letter(int place) {
        return String.valueOf((char) ('A' + place));
    }

    /** The field of a row that has choices as a list, if one has. */
    static Optional<Map.Entry<String, JsonNode>> list(JsonNode row, List<String> names) {
        return names.stream()
                .filter(name -> row.path(name).isArray() || row.path(name).isObject())
                .findFirst()
                .map(name -> Map.entry(name, row.get(name)));
    }
}
