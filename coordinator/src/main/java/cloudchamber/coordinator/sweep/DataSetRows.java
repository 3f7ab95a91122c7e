package cloudchamber.coordinator.sweep;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Takes a file apart into rows: JSON lines, a JSON array, JSON objects over several lines, CSV with a header, or Parquet,
 * each also packed with gzip. The content decides, but for CSV.
 */
final class DataSetRows {

    /** What becomes of the rows and of what is none. */
    interface Taker {
        /** @param line from 1; of Parquet, the number of the row */
        void row(int line, JsonNode fields);

        void fault(int line, String detail);
    }

    /** So many bytes may come out of a packed file. */
    static final int UNPACKED_MAX = 512 << 20;

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] GZIP = {(byte) 0x1F, (byte) 0x8B};
    private static final byte[] PARQUET = {'P', 'A', 'R', '1'};

    static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    /** Reads one object after another. */
    private static final ObjectMapper SEQUENCE = JSON.copy().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final CsvMapper CSV = CsvMapper.csvBuilder()
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .enable(CsvParser.Feature.FAIL_ON_MISSING_HEADER_COLUMNS)
            .build();

    private final Taker taker;

    private DataSetRows(Taker taker) {
        this.taker = taker;
    }

    /** @param csv whether the rows are CSV, unless the content says that they are Parquet */
    static void read(byte[] bytes, boolean csv, int maxUnpackedBytes, Taker taker) {
        new DataSetRows(taker).read(bytes, csv, maxUnpackedBytes);
    }

    private void read(byte[] file, boolean csv, int maxUnpackedBytes) {
        var bytes = file;
        if (begins(bytes, GZIP)) {
            try (var packed = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                bytes = packed.readNBytes(maxUnpackedBytes + 1);
            } catch (IOException broken) {
                taker.fault(1, "must be whole: the gzip file is not: " + broken.getMessage());
                return;
            }
            if (bytes.length > maxUnpackedBytes) {
                taker.fault(1, "must unpack to at most " + maxUnpackedBytes + " bytes: is longer");
                return;
            }
        }
        int start = begins(bytes, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
        if (begins(bytes, PARQUET)) {
            readParquet(bytes);
        } else if (csv) {
            readCsv(bytes, start);
        } else if (isSequence(bytes, start)) {
            readSequence(bytes, start);
        } else {
            readLines(bytes, start);
        }
    }

    private static boolean begins(byte[] bytes, byte[] mark) {
        return bytes.length >= mark.length && Arrays.equals(bytes, 0, mark.length, mark, 0, mark.length);
    }

    private void readParquet(byte[] bytes) {
        try {
            int number = 1;
            for (var row : ParquetRows.read(bytes)) {
                taker.row(number++, row);
            }
        } catch (IOException broken) {
            taker.fault(1, "must be Parquet that can be read: " + broken.getMessage());
        }
    }

    // ---- JSON over several lines

    /** Whether the first line that is not blank begins an array, or an object that it does not end. */
    private static boolean isSequence(byte[] bytes, int start) {
        int from = start;
        while (from < bytes.length && Character.isWhitespace(bytes[from])) {
            from++;
        }
        if (from == bytes.length || bytes[from] == '[') {
            return from < bytes.length;
        }
        if (bytes[from] != '{') {
            return false;
        }
        int to = lineEnd(bytes, from);
        var line = new String(bytes, from, to - from, StandardCharsets.UTF_8).strip();
        // an object that a line opens only, or nothing but its first fields
        return line.equals("{") || line.endsWith(",") || line.endsWith("[") || line.endsWith("{");
    }

    private void readSequence(byte[] bytes, int start) {
        int line = 1;
        try (JsonParser parser = SEQUENCE.createParser(bytes, start, bytes.length - start)) {
            while (parser.nextToken() != null) {
                line = parser.currentTokenLocation().getLineNr();
                if (parser.currentToken() == JsonToken.START_ARRAY) {
                    readArray(parser);
                } else {
                    value(line, SEQUENCE.readTree(parser));
                }
            }
        } catch (JsonProcessingException malformed) {
            taker.fault(
                    malformed.getLocation() == null
                            ? line
                            : malformed.getLocation().getLineNr(),
                    "must be JSON: " + malformed.getOriginalMessage());
        } catch (IOException notUtf8) {
            taker.fault(line, "must be UTF-8: is not");
        }
    }

    private void readArray(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == null) {
                taker.fault(parser.currentLocation().getLineNr(), "must end its array: ends before");
                return;
            }
            int line = parser.currentTokenLocation().getLineNr();
            value(line, SEQUENCE.readTree(parser));
        }
    }

    /** A row; or an object that holds nothing but a list of rows, and what is said of them all. */
    private void value(int line, JsonNode node) {
        var lists = node.properties().stream()
                .map(Map.Entry::getValue)
                .filter(field ->
                        field.isArray() && !field.isEmpty() && field.get(0).isObject())
                .toList();
        boolean wraps = lists.size() == 1
                && node.properties().stream()
                        .map(Map.Entry::getValue)
                        .allMatch(field -> field == lists.getFirst() || field.isValueNode())
                && !node.has("question")
                && !node.has("problem");
        if (wraps) {
            lists.getFirst().forEach(row -> object(line, row));
        } else {
            object(line, node);
        }
    }

    private void object(int line, JsonNode node) {
        if (node.isObject()) {
            taker.row(line, node);
        } else {
            taker.fault(line, "must be a JSON object: is another value");
        }
    }

    // ---- a row a line

    private static int lineEnd(byte[] bytes, int from) {
        int to = from;
        while (to < bytes.length && bytes[to] != '\n') {
            to++;
        }
        return to;
    }

    private void readLines(byte[] bytes, int start) {
        int line = 1;
        int from = start;
        while (from < bytes.length) {
            int to = lineEnd(bytes, from);
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
            object(line, JSON.readTree(text.get()));
        } catch (JsonProcessingException malformed) {
            taker.fault(
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
                taker.row(line, JSON.valueToTree(rows.nextValue()));
            }
        } catch (JsonProcessingException malformed) {
            taker.fault(
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
            taker.fault(line, "must be UTF-8: is not");
            return Optional.empty();
        }
    }
}
