package cloudchamber.coordinator.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.StructAccessor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The rows of a Parquet file as JSON. */
final class ParquetRows {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ParquetRows() {}

    /**
     * @throws IOException that says what is wrong, if the bytes are no Parquet file, or use what the reader does not
     *     know
     */
    static List<JsonNode> read(byte[] bytes) throws IOException {
        var rows = new ArrayList<JsonNode>();
        try (var file = ParquetFileReader.open(InputFile.of(ByteBuffer.wrap(bytes)));
                var reader = file.rowReader()) {
            while (reader.hasNext()) {
                reader.next();
                rows.add(object(reader));
            }
        } catch (RuntimeException broken) {
            // the library tells of broken and of unsupported files alike
            throw new IOException(broken.getMessage() == null ? broken.toString() : broken.getMessage(), broken);
        }
        return rows;
    }

    private static ObjectNode object(StructAccessor struct) {
        var object = NODES.objectNode();
        for (int index = 0; index < struct.getFieldCount(); index++) {
            object.set(
                    struct.getFieldName(index), struct.isNull(index) ? NODES.nullNode() : node(struct.getValue(index)));
        }
        return object;
    }

    private static JsonNode node(Object value) {
        return switch (value) {
            case null -> NODES.nullNode();
            case String text -> NODES.textNode(text);
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case Float number -> NODES.numberNode(new BigDecimal(number.toString()));
            case Double number ->
                Double.isFinite(number) ? NODES.numberNode(new BigDecimal(number.toString())) : NODES.nullNode();
            case BigDecimal number -> NODES.numberNode(number);
            case PqList list -> {
                ArrayNode array = NODES.arrayNode();
                for (int index = 0; index < list.size(); index++) {
                    array.add(list.isNull(index) ? NODES.nullNode() : node(list.get(index)));
                }
                yield array;
            }
            case StructAccessor struct -> object(struct);
            default -> NODES.textNode(value.toString());
        };
    }
}
