package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.grade.Gold;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.protocol.model.Texts;
import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads problems as their authors publish them: from JSON lines, JSON arrays and objects, CSV with a header, or
 * Parquet, also packed with gzip. A byte order mark, CRLF and blank lines are taken; what is wrong is gathered with its
 * line, and nothing of a file with a fault is used unless the reader's caller says so.
 *
 * <p>Fields are found by their usual names; see {@link DataSetLayout.Fields#STANDARD}. A field that would be lost is a
 * fault, once for a file.
 */
public final class DataSetReader implements DataSetRows.Taker {

    /** @param line from 1; of Parquet, the number of the row */
    public record Fault(int line, String detail) {}

    /**
     * What a file holds.
     *
     * @param sha256 of its bytes, in hexadecimal; of shuffled choices, of that and the seed
     * @param items the rows without a fault, in order
     * @param faults the first hundred, in order
     * @param faultCount how many there are
     * @param choices whether every row is a multiple choice
     */
    public record Contents(String sha256, List<Item> items, List<Fault> faults, int faultCount, boolean choices) {}

    /** A question and its answer. */
    private record Asked(String question, String answer) {}

    private static final int MAX_FAULTS = 100;
    private static final int MAX_ID_LENGTH = 200;
    /** Of one question with its context, as servers take them unless told otherwise. */
    private static final int MAX_QUESTION_CHARACTERS = 100_000;

    private static final int MAX_TAG_LENGTH = 64;
    /** Numbers with more zeros than this stay in scientific notation. */
    private static final int MAX_SCALE = 50;

    private static final Set<String> NO_TAGS = Set.of(
            "solution",
            "solutions",
            "generated_solution",
            "url",
            "error",
            "rationale",
            "explanation",
            "Rationale",
            "Explanation",
            "reasoning",
            "question_concat",
            "hint",
            "source");

    private final DataSetLayout layout;
    private final DataSetLayout.Fields fields;
    private final List<Item> items = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private final Set<String> lost = new HashSet<>();
    private int faultCount;
    private int choices;
    private boolean shuffled;

    private DataSetReader(DataSetLayout layout) {
        this.layout = layout;
        this.fields = layout.fields();
    }

    /** Reads a file of one's own, which may unpack to 512 MiB. */
    public static Contents read(byte[] bytes, boolean csv, DataSetLayout layout) {
        return read(bytes, csv, layout, DataSetRows.UNPACKED_MAX);
    }

    /**
     * @param csv whether the rows are CSV; else the content says what they are
     * @param maxUnpackedBytes what a file that is packed with gzip may unpack to
     */
    public static Contents read(byte[] bytes, boolean csv, DataSetLayout layout, int maxUnpackedBytes) {
        var reader = new DataSetReader(layout);
        DataSetRows.read(bytes, csv, maxUnpackedBytes, reader);
        if (reader.items.isEmpty() && reader.faultCount == 0) {
            reader.fault(1, "must hold a problem: the file is empty");
        }
        var sha256 = Sha256.hex(bytes);
        if (reader.shuffled) {
            sha256 = Sha256.hex((sha256 + "|shuffle=" + reader.seed()).getBytes(StandardCharsets.UTF_8));
        }
        return new Contents(
                sha256,
                List.copyOf(reader.items),
                List.copyOf(reader.faults),
                reader.faultCount,
                reader.choices > 0 && reader.choices == reader.items.size());
    }

    @Override
    public void row(int line, JsonNode row) {
        var question =
                first(row, fields.question()).map(DataSetReader::answerText).filter(text -> !text.isBlank());
        if (question.isEmpty()) {
            fault(line, missing("question", fields.question(), row));
            return;
        }
        var unfit = unfit(row, "question");
        if (unfit.isPresent()) {
            fault(
                    line,
                    "must have a " + unfit.get()
                            + " in Unicode text without NUL: has a NUL or half of a surrogate pair");
            return;
        }
        var id = first(row, fields.id()).map(DataSetReader::answerText).orElse("p" + (items.size() + 1));
        if (id.isBlank() || id.length() > MAX_ID_LENGTH || id.chars().anyMatch(Character::isISOControl)) {
            fault(line, "must have an id of 1 to " + MAX_ID_LENGTH + " characters without control characters");
            return;
        }
        var asked = asked(line, row, id, question.get());
        if (asked.isEmpty()) {
            return;
        }
        int characters = asked.get().question().length();
        if (characters > MAX_QUESTION_CHARACTERS) {
            fault(
                    line,
                    "must have a question of at most " + MAX_QUESTION_CHARACTERS + " characters: had " + characters);
            return;
        }
        if (!ids.add(id)) {
            fault(line, "must have an id of its own: \"" + id + "\" stood before");
            return;
        }
        refuseLoss(line, row);
        items.add(new Item(id, asked.get().question(), asked.get().answer(), tags(row)));
    }

    /** The whole question with its answer; empty if there is none, which is a fault. */
    private Optional<Asked> asked(int line, JsonNode row, String id, String question) {
        var whole = first(row, fields.context())
                .map(JsonNode::asText)
                .filter(text -> !text.isBlank())
                .map(text -> text + "\n\n" + question)
                .orElse(question);
        var list = MultipleChoice.list(row, fields.choices());
        if (list.isPresent() || MultipleChoice.isApart(row)) {
            return multipleChoice(line, row, id, whole, list.map(Map.Entry::getValue));
        }
        var answer = first(row, fields.answer());
        if (answer.isPresent()) {
            var gold = Gold.published(answerText(answer.get()));
            if (gold.isEmpty()) {
                fault(line, "must have an answer: it is blank");
            }
            return gold.map(text -> new Asked(whole, text));
        }
        var solution = first(row, fields.solution()).map(DataSetReader::answerText);
        var gold = solution.flatMap(Gold::ofSolution);
        if (gold.isEmpty()) {
            fault(
                    line,
                    solution.isPresent()
                            ? "must have an answer: its solution has no \\boxed answer"
                            : missing("answer", fields.answer(), row));
        }
        return gold.map(text -> new Asked(whole, text));
    }

    private Optional<Asked> multipleChoice(
            int line, JsonNode row, String id, String question, Optional<JsonNode> list) {
        try {
            var answer = first(row, fields.answer());
            if (list.isPresent() && answer.isEmpty()) {
                fault(line, missing("answer", fields.answer(), row));
                return Optional.empty();
            }
            var choice =
                    list.isPresent() ? MultipleChoice.of(list.get(), answer.orElseThrow()) : MultipleChoice.apart(row);
            if (list.isEmpty() || layout.shuffle() != null) {
                choice = choice.shuffled(seed(), id);
                shuffled = true;
            }
            choices++;
            return Optional.of(new Asked(choice.asked(question), choice.answer()));
        } catch (MultipleChoice.Unusable unusable) {
            fault(line, unusable.getMessage());
            return Optional.empty();
        }
    }

    private long seed() {
        return layout.shuffle() == null ? 0 : layout.shuffle();
    }

    /** The name of the first field that holds a text which no database holds. */
    private static Optional<String> unfit(JsonNode node, String name) {
        if (node.isTextual()) {
            return Texts.isStorable(node.textValue()) ? Optional.empty() : Optional.of(name);
        }
        var inner = node.isArray()
                ? IntStream.range(0, node.size()).mapToObj(place -> unfit(node.get(place), name))
                : node.properties().stream()
                        .map(field -> Texts.isStorable(field.getKey())
                                ? unfit(field.getValue(), field.getKey())
                                : Optional.of("field's name"));
        return inner.flatMap(Optional::stream).findFirst();
    }

    private static String missing(String what, List<String> names, JsonNode row) {
        return "must have " + (what.startsWith("a") ? "an " : "a ") + what + ", in a field "
                + String.join(" or ", names) + ": has "
                + row.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
    }

    private static Optional<JsonNode> first(JsonNode row, List<String> names) {
        return names.stream()
                .map(row::get)
                .filter(node -> node != null && !node.isNull())
                .findFirst();
    }

    /** Numbers as people write them, {@code 27.0} as 27; the entries of a list side by side. */
    private static String answerText(JsonNode node) {
        if (node.isArray()) {
            return Stream.iterate(0, place -> place < node.size(), place -> place + 1)
                    .map(place -> answerText(node.get(place)))
                    .collect(Collectors.joining(", "));
        }
        if (node.isFloatingPointNumber()) {
            BigDecimal value = node.decimalValue().stripTrailingZeros();
            return Math.abs(value.scale()) <= MAX_SCALE ? value.toPlainString() : value.toString();
        }
        return node.isObject() ? "" : node.asText();
    }

    /** The short fields that are neither the question, nor the answer, nor the id. */
    private Map<String, String> tags(JsonNode row) {
        var tags = new LinkedHashMap<String, String>();
        row.properties().forEach(field -> {
            if (!isRead(field.getKey()) && isTag(field.getKey(), field.getValue())) {
                tags.put(field.getKey(), field.getValue().asText());
            }
        });
        return tags;
    }

    private boolean isRead(String field) {
        return fields.all().anyMatch(field::equals);
    }

    private static boolean isTag(String name, JsonNode value) {
        return !NO_TAGS.contains(name)
                && !MultipleChoice.isPart(name)
                && value.isValueNode()
                && !value.isNull()
                && value.asText().length() <= MAX_TAG_LENGTH;
    }

    /** A field that is neither read, nor a tag, nor known to be no part of a question is named once. */
    private void refuseLoss(int line, JsonNode row) {
        row.properties().forEach(field -> {
            var name = field.getKey();
            var value = field.getValue();
            boolean nothing = value.isNull() || value.isContainerNode() && value.isEmpty();
            boolean kept = isRead(name)
                    || NO_TAGS.contains(name)
                    || MultipleChoice.isPart(name)
                    || isTag(name, value)
                    || layout.mayLose(name);
            if (!nothing && !kept && lost.add(name)) {
                fault(
                        line,
                        "has a field \"" + name + "\" that would be lost: name it as one of "
                                + String.join(", ", DataSetLayout.Fields.NAMES) + ", or let it be ignored");
            }
        });
    }

    @Override
    public void fault(int line, String detail) {
        faultCount++;
        if (faults.size() < MAX_FAULTS) {
            faults.add(new Fault(line, detail));
        }
    }
}
