package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.protocol.model.Texts;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Reads problems from JSON lines or from CSV with a header. A byte order mark, CRLF and blank lines are taken; what
 * is wrong is gathered with its line, and nothing of a file with a fault is used unless the reader's caller says so.
 *
 * <p>Fields are found by their usual names; see {@link Fields#STANDARD}.
 */
public final class DataSetReader {

    /**
     * Which fields are read, by their names in order of preference; the first a row has is taken.
     *
     * @param id without one the row is called {@code p} and its number
     * @param context stands before the question where a row has it
     * @param answer a text, a number, a list of answers, or a solution that ends in {@code #### answer}
     */
    public record Fields(List<String> id, List<String> context, List<String> question, List<String> answer) {
        /** What the published sets of problems use. */
        public static final Fields STANDARD = new Fields(
                List.of("unique_id", "id", "problem_id", "idx"),
                List.of("context"),
                List.of("problem", "question", "prompt", "Problem", "Question"),
                List.of("answer", "final_answer", "extracted_groundtruth", "Answer", "gold"));

        /** These, with some named by the user; null leaves the usual names. */
        public Fields with(String idField, String questionField, String answerField) {
            return new Fields(
                    idField == null ? id : List.of(idField),
                    context,
                    questionField == null ? question : List.of(questionField),
                    answerField == null ? answer : List.of(answerField));
        }
    }

    /** @param line from 1 */
    public record Fault(int line, String detail) {}

    /**
     * What a file holds.
     *
     * @param sha256 of its bytes, in hexadecimal
     * @param items the rows without a fault, in order
     * @param faults the first hundred, in order
     * @param faultCount how many there are
     */
    public record Contents(String sha256, List<Item> items, List<Fault> faults, int faultCount) {}

    private record Row(int line, JsonNode fields) {}

    private static final int MAX_FAULTS = 100;
    private static final int MAX_ID_LENGTH = 200;
    private static final int MAX_TAG_LENGTH = 64;
    /** Numbers with more zeros than this stay in scientific notation. */
    private static final int MAX_SCALE = 50;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final Set<String> NO_TAGS = Set.of("solution", "solutions", "url", "error");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final CsvMapper CSV = CsvMapper.csvBuilder()
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
            .build();

    private final Fields fields;
    private final List<Item> items = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();
    private int faultCount;

    private DataSetReader(Fields fields) {
        this.fields = fields;
    }

    /**
     * @param csv whether the rows are CSV; else they are JSON lines
     */
    public static Contents read(byte[] bytes, boolean csv, Fields fields) {
        var reader = new DataSetReader(fields);
        var start = Arrays.mismatch(bytes, BYTE_ORDER_MARK) == BYTE_ORDER_MARK.length ? BYTE_ORDER_MARK.length : 0;
        if (csv) {
            reader.readCsv(bytes, start);
        } else {
            reader.readLines(bytes, start);
        }
        if (reader.items.isEmpty() && reader.faultCount == 0) {
            reader.fault(1, "must hold a problem: the file is empty");
        }
        return new Contents(sha256(bytes), List.copyOf(reader.items), List.copyOf(reader.faults), reader.faultCount);
    }

    /** SHA-256 in hexadecimal. */
    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private void readLines(byte[] bytes, int start) {
        int line = 1;
        int from = start;
        while (from < bytes.length) {
            int to = from;
            while (to < bytes.length && bytes[to] != '\n') {
                to++;
            }
            readLine(line, bytes, from, to);
            from = to + 1;
            line++;
        }
    }

    private void readLine(int line, byte[] bytes, int from, int to) {
        var text = text(line, bytes, from, to);
        if (text.isEmpty() || text.get().isBlank()) {
            return;
        }
        try {
            var node = JSON.readTree(text.get());
            if (node.isObject()) {
                take(new Row(line, node));
            } else {
                fault(line, "must be a JSON object: is another value");
            }
        } catch (JsonProcessingException malformed) {
            fault(
                    line,
                    "must be JSON: is none at column "
                            + (malformed.getLocation() == null
                                    ? 1
                                    : malformed.getLocation().getColumnNr()));
        }
    }

    private void readCsv(byte[] bytes, int start) {
        var text = text(1, bytes, start, bytes.length);
        if (text.isEmpty()) {
            return;
        }
        var schema = CsvSchema.emptySchema().withHeader();
        int line = 1;
        try (MappingIterator<Map<String, String>> rows =
                CSV.readerForMapOf(String.class).with(schema).readValues(text.get())) {
            while (rows.hasNextValue()) {
                line = rows.getCurrentLocation().getLineNr();
                take(new Row(line, JSON.valueToTree(rows.nextValue())));
            }
        } catch (JsonProcessingException malformed) {
            fault(
                    malformed.getLocation() == null
                            ? line
                            : malformed.getLocation().getLineNr(),
                    "must be CSV with the header's columns: " + malformed.getOriginalMessage());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private Optional<String> text(int line, byte[] bytes, int from, int to) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString());
        } catch (CharacterCodingException notUtf8) {
            fault(line, "must be UTF-8: is not");
            return Optional.empty();
        }
    }

    private void take(Row row) {
        var question = first(row, fields.question()).map(DataSetReader::answerText);
        var answer = first(row, fields.answer()).map(DataSetReader::answerText);
        if (question.isEmpty() || question.get().isBlank()) {
            fault(row.line(), missing("question", fields.question(), row));
            return;
        }
        if (answer.isEmpty() || answer.get().isBlank()) {
            fault(row.line(), missing("answer", fields.answer(), row));
            return;
        }
        var unfit = unfit(row.fields(), "question");
        if (unfit.isPresent()) {
            fault(
                    row.line(),
                    "must have a " + unfit.get()
                            + " in Unicode text without NUL: has a NUL or half of a surrogate pair");
            return;
        }
        var id = first(row, fields.id()).map(DataSetReader::answerText).orElse("p" + (items.size() + 1));
        if (id.isBlank() || id.length() > MAX_ID_LENGTH || id.chars().anyMatch(Character::isISOControl)) {
            fault(row.line(), "must have an id of 1 to " + MAX_ID_LENGTH + " characters without control characters");
            return;
        }
        if (!ids.add(id)) {
            fault(row.line(), "must have an id of its own: \"" + id + "\" stood before");
            return;
        }
        var context = first(row, fields.context()).map(JsonNode::asText).filter(text -> !text.isBlank());
        items.add(new Item(
                id,
                context.map(text -> text + "\n\n" + question.get()).orElse(question.get()),
                gold(answer.get()),
                tags(row)));
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

    private static String missing(String what, List<String> names, Row row) {
        return "must have a " + what + ", in a field " + String.join(" or ", names) + ": has "
                + row.fields().properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", "));
    }

    private static Optional<JsonNode> first(Row row, List<String> names) {
        return names.stream()
                .map(row.fields()::get)
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

    private static String gold(String answer) {
        int mark = answer.lastIndexOf("####");
        return mark < 0 ? answer : answer.substring(mark + 4).strip();
    }

    /** The short fields that are neither the question, nor the answer, nor the id. */
    private Map<String, String> tags(Row row) {
        var taken = Stream.of(fields.id(), fields.context(), fields.question(), fields.answer())
                .flatMap(List::stream)
                .collect(Collectors.toSet());
        var tags = new LinkedHashMap<String, String>();
        row.fields().properties().forEach(field -> {
            var value = field.getValue();
            if (!taken.contains(field.getKey())
                    && !NO_TAGS.contains(field.getKey())
                    && value.isValueNode()
                    && !value.isNull()
                    && value.asText().length() <= MAX_TAG_LENGTH) {
                tags.put(field.getKey(), value.asText());
            }
        });
        return tags;
    }

    private void fault(int line, String detail) {
        faultCount++;
        if (faults.size() < MAX_FAULTS) {
            faults.add(new Fault(line, detail));
        }
    }
}
