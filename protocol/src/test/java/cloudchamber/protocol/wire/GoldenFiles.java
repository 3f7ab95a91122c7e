package cloudchamber.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;

/**
 * Bytes that are frozen: other nodes send them, journals keep them.
 *
 * <p>For each value there are two files in {@code src/test/resources/golden}: {@code NAME.hex}, what is
 * written, and {@code NAME.json}, the same for people, with the manifest and the serializer beside it.
 * {@code -Dgolden.write=true} writes both anew; a change of an existing one breaks what was written before.
 */
public final class GoldenFiles {
    private static final Path DIRECTORY = Path.of("src", "test", "resources", "golden");
    private static final int HEX_DIGITS_A_LINE = 100;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final CBORMapper CBOR = new CBORMapper();

    private final Serialization serialization;

    /** Files of what {@code system} writes. */
    public GoldenFiles(ActorSystem<?> system) {
        this.serialization = SerializationExtension.get(Adapter.toClassic(system));
    }

    /** Holds that {@code value} is written as ever, and read back from what was ever written. */
    public void assertFrozen(String name, Object value) {
        var serializer = serialization.findSerializerFor(value);
        var manifest = Serializers.manifestFor(serializer, value);
        var bytes = serialization.serialize(value).get();
        var readable = readable(manifest, serializer.identifier(), bytes);
        if (Boolean.getBoolean("golden.write")) {
            write(name, bytes, readable);
        }
        assertThat(readable).as("the reading of %s", name).isEqualTo(text(name + ".json"));
        assertThat(lines(bytes)).as("the bytes of %s", name).isEqualTo(text(name + ".hex"));
        assertThat(read(bytes(name), serializer.identifier(), manifest)).isEqualTo(value);
    }

    /** Holds that {@code value} is written in a form of its own as ever, and read back from what was ever written. */
    public void assertFrozenBytes(String name, Object value) {
        var bytes = serialization.serialize(value).get();
        if (Boolean.getBoolean("golden.write")) {
            writeText(name + ".hex", lines(bytes));
        }
        assertThat(lines(bytes)).as("the bytes of %s", name).isEqualTo(text(name + ".hex"));
        var serializer = serialization.findSerializerFor(value);
        assertThat(read(bytes(name), serializer.identifier(), Serializers.manifestFor(serializer, value)))
                .isEqualTo(value);
    }

    /** Holds that {@code value} is read from the bytes that {@link #assertFrozen} froze, whatever is written now. */
    public void assertStillRead(String name, Object value) {
        try {
            var head = JSON.readTree(text(name + ".json"));
            assertThat(read(
                            bytes(name),
                            head.get("serializer").asInt(),
                            head.get("manifest").asText()))
                    .isEqualTo(value);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Holds that {@code value} is read from bytes of a later version that has more fields. */
    public void assertReadWithMoreFields(Object value) {
        var serializer = serialization.findSerializerFor(value);
        var manifest = Serializers.manifestFor(serializer, value);
        try {
            var tree = CBOR.readTree(serialization.serialize(value).get());
            addFields(tree);
            assertThat(read(CBOR.writeValueAsBytes(tree), serializer.identifier(), manifest))
                    .isEqualTo(value);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private Object read(byte[] bytes, int serializer, String manifest) {
        return serialization.deserialize(bytes, serializer, manifest).get();
    }

    private static void addFields(JsonNode node) {
        node.forEach(GoldenFiles::addFields);
        if (node instanceof ObjectNode object) {
            object.put("addedLater", 1)
                    .set("alsoAddedLater", JSON.createObjectNode().put("inside", "text"));
        }
    }

    private static String readable(String manifest, int serializer, byte[] cbor) {
        try {
            var tree = JSON.createObjectNode().put("manifest", manifest).put("serializer", serializer);
            tree.set("value", CBOR.readTree(cbor));
            var indenter = new DefaultIndenter("  ", "\n");
            return JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(indenter))
                            .writeValueAsString(tree)
                    + "\n";
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String lines(byte[] bytes) {
        return HexFormat.of().formatHex(bytes).replaceAll("(.{" + HEX_DIGITS_A_LINE + "})(?=.)", "$1\n") + "\n";
    }

    /** What is frozen under a name. */
    public static byte[] bytes(String name) {
        return HexFormat.of().parseHex(text(name + ".hex").lines().collect(Collectors.joining()));
    }

    private static String text(String file) {
        try {
            return Files.readString(DIRECTORY.resolve(file), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void write(String name, byte[] bytes, String readable) {
        writeText(name + ".hex", lines(bytes));
        writeText(name + ".json", readable);
    }

    private static void writeText(String file, String text) {
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(DIRECTORY.resolve(file), text, StandardCharsets.UTF_8);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
