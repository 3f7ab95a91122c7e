package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML or JSON file as JSON, and where each value stands.
 *
 * @param lines from 1, by JSON pointer
 */
public record LocatedFile(Path file, JsonNode content, Map<String, Integer> lines) {

    /** @throws CommandFailure that names the line, if the file cannot be read */
    public static LocatedFile read(Path file) {
        try {
            return parse(file, Files.readString(file));
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the file must be readable: " + unreadable);
        }
    }

    /** The line of a value, or of the nearest value around it. */
    public int line(String pointer) {
        var at = pointer;
        while (!at.isEmpty() && !lines.containsKey(at)) {
            at = at.substring(0, at.lastIndexOf('/'));
        }
        return lines.getOrDefault(at, 1);
    }

    private static LocatedFile parse(Path file, String text) {
        var lines = new HashMap<String, Integer>();
        try {
            var node =
                    new Compose(LoadSettings.builder().setLabel(file.toString()).build()).composeString(text);
            if (node.isEmpty()) {
                throw new CommandFailure(ExitCode.USAGE, file + ":1 must hold an object: is empty");
            }
            return new LocatedFile(file, json(file, node.get(), "", lines), lines);
        } catch (MarkedYamlEngineException malformed) {
            int line =
                    malformed.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
            throw new CommandFailure(
                    ExitCode.USAGE, file + ":" + line + " must be YAML or JSON: " + malformed.getProblem());
        } catch (YamlEngineException malformed) {
            throw new CommandFailure(ExitCode.USAGE, file + " must be YAML or JSON: " + malformed.getMessage());
        }
    }

    private static JsonNode json(Path file, Node node, String pointer, Map<String, Integer> lines) {
        int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        lines.putIfAbsent(pointer, line);
        return switch (node) {
            case MappingNode mapping -> object(file, mapping, pointer, lines);
            case SequenceNode sequence -> {
                var array = JsonNodeFactory.instance.arrayNode();
                for (var entry : sequence.getValue()) {
                    array.add(json(file, entry, pointer + "/" + array.size(), lines));
                }
                yield array;
            }
            case ScalarNode scalar -> scalar(file, scalar, line);
            default -> throw new CommandFailure(ExitCode.USAGE, file + ":" + line + " must be a value of JSON");
        };
    }

    private static JsonNode object(Path file, MappingNode mapping, String pointer, Map<String, Integer> lines) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        for (var entry : mapping.getValue()) {
            int line = entry.getKeyNode()
                    .getStartMark()
                    .map(mark -> mark.getLine() + 1)
                    .orElse(1);
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new CommandFailure(ExitCode.USAGE, file + ":" + line + " must have a text as key");
            }
            if (object.has(key.getValue())) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        file + ":" + line + " must have each key once: " + key.getValue() + " stood before");
            }
            var at = pointer + "/" + key.getValue().replace("~", "~0").replace("/", "~1");
            lines.put(at, line);
            object.set(key.getValue(), json(file, entry.getValueNode(), at, lines));
        }
        return object;
    }

    private static JsonNode scalar(Path file, ScalarNode scalar, int line) {
        var factory = JsonNodeFactory.instance;
        var text = scalar.getValue();
        var tag = scalar.getTag();
        try {
            if (tag.equals(Tag.INT)) {
                var value = new BigInteger(text.startsWith("+") ? text.substring(1) : text);
                return value.bitLength() < Integer.SIZE
                        ? factory.numberNode(value.intValueExact())
                        : value.bitLength() < Long.SIZE
                                ? factory.numberNode(value.longValueExact())
                                : factory.numberNode(value);
            }
            if (tag.equals(Tag.FLOAT)) {
                return factory.numberNode(new BigDecimal(text).doubleValue());
            }
        } catch (NumberFormatException odd) {
            throw new CommandFailure(ExitCode.USAGE, file + ":" + line + " must be a decimal number: was " + text);
        }
        if (tag.equals(Tag.BOOL)) {
            return factory.booleanNode(Boolean.parseBoolean(text));
        }
        return tag.equals(Tag.NULL) ? factory.nullNode() : factory.textNode(text);
    }
}
