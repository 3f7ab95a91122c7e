package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.problem.MixIns;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.sweep.SweepStatus;
import cloudchamber.protocol.model.Texts;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * JSON as the API writes and reads it; {@code solve --json} writes the same. JSON has no infinity, so one is
 * written as the largest double of its sign.
 */
public final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_LENGTH = 100;
    private static final int MAX_NAME_LENGTH = 256;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER_LENGTH)
                            .maxNameLength(MAX_NAME_LENGTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .addModule(new MixIns())
            .addModule(names())
            .build();

    private Json() {}

    /** Writes a value on one line. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }

    /** The value as a tree. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /** Reads one JSON value; takes it or says where it is none. */
    public static Checked<JsonNode> read(byte[] bytes) {
        var characters = CharBuffer.allocate(bytes.length);
        var input = ByteBuffer.wrap(bytes);
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        if (decoder.decode(input, characters, true).isError()) {
            return new Checked.Invalid<>(ApiError.of(
                    ErrorKind.INVALID_UTF8, "the body must be UTF-8: byte " + input.position() + " is not"));
        }
        return parse(characters.array(), characters.position());
    }

    private static Checked<JsonNode> parse(char[] characters, int length) {
        try (var parser = MAPPER.createParser(characters, 0, length)) {
            JsonNode node = MAPPER.readTree(parser);
            if (node == null) {
                return malformed("the body must be JSON: it is empty");
            }
            var unfit = unstorable(node, "");
            if (unfit.isPresent()) {
                return new Checked.Invalid<>(ApiError.of(List.of(new ApiError.Fault(
                        unfit.get(),
                        ErrorKind.INVALID_UNICODE,
                        "must be Unicode text without NUL: has a NUL or half of a surrogate pair"))));
            }
            return parser.nextToken() == null
                    ? new Checked.Valid<>(node)
                    : malformed(
                            "the body must be one JSON value: more follows at " + place(parser.currentTokenLocation()));
        } catch (StreamConstraintsException beyond) {
            return new Checked.Invalid<>(ApiError.of(
                    ErrorKind.JSON_TOO_COMPLEX,
                    "the body may be " + MAX_DEPTH + " deep, its numbers " + MAX_NUMBER_LENGTH + " and its names "
                            + MAX_NAME_LENGTH + " characters long: it goes beyond"));
        } catch (JsonEOFException early) {
            return malformed("the body must be whole: it ends at " + place(early.getLocation()));
        } catch (MismatchedInputException duplicate) {
            var pointer = ((JsonParser) duplicate.getProcessor())
                    .getParsingContext()
                    .pathAsPointer()
                    .toString();
            return new Checked.Invalid<>(ApiError.of(List.of(new ApiError.Fault(
                    pointer,
                    ErrorKind.DUPLICATE_KEY,
                    "a field must stand once: " + pointer + " stands twice, at " + place(duplicate.getLocation())))));
        } catch (JsonProcessingException broken) {
            return malformed("the body must be JSON: it is none at " + place(broken.getLocation()));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The pointer to the first text or name that no database holds, if there is one. */
    private static Optional<String> unstorable(JsonNode node, String pointer) {
        if (node.isTextual()) {
            return Texts.isStorable(node.textValue()) ? Optional.empty() : Optional.of(pointer);
        }
        if (node.isArray()) {
            return IntStream.range(0, node.size())
                    .mapToObj(place -> unstorable(node.get(place), pointer + "/" + place))
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        return node.properties().stream()
                .map(field -> Texts.isStorable(field.getKey())
                        ? unstorable(field.getValue(), pointer + "/" + field.getKey())
                        : Optional.of(pointer))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Checked<JsonNode> malformed(String detail) {
        return new Checked.Invalid<>(ApiError.of(ErrorKind.MALFORMED_JSON, detail));
    }

    private static String place(JsonLocation location) {
        return "line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static SimpleModule names() {
        return new SimpleModule("names")
                .setMixInAnnotation(Role.class, ById.class)
                .addSerializer(double.class, new Finite())
                .addSerializer(Double.class, new Finite())
                .addSerializer(new LowerCase<>(JobStatus.class))
                .addSerializer(new LowerCase<>(ProblemStatus.class))
                .addSerializer(new LowerCase<>(SweepStatus.class));
    }

    private interface ById {
        @JsonValue
        String id();
    }

    private static final class Finite extends StdSerializer<Double> {
        private static final long serialVersionUID = 1L;

        Finite() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeNumber(Double.isInfinite(value) ? Math.copySign(Double.MAX_VALUE, value) : value);
        }
    }

    private static final class LowerCase<E extends Enum<E>> extends StdSerializer<E> {
        private static final long serialVersionUID = 1L;

        LowerCase(Class<E> type) {
            super(type);
        }

        @Override
        public void serialize(E value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeString(value.name().toLowerCase(Locale.ROOT));
        }
    }
}
