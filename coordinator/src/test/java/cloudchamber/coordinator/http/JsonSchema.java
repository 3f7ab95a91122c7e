package cloudchamber.coordinator.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Tells what is wrong with a value by a schema of a document; knows the words of JSON Schema that the document uses. */
record JsonSchema(JsonNode document) {
    private static final Set<String> WORDS = Set.of(
            "$ref",
            "oneOf",
            "type",
            "enum",
            "const",
            "properties",
            "required",
            "additionalProperties",
            "maxProperties",
            "items",
            "minItems",
            "maxItems",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "minLength",
            "maxLength",
            "pattern");
    /** These say nothing of what is valid. */
    private static final Set<String> REMARKS = Set.of("description", "default", "format", "discriminator");

    /** What is wrong with the value, each with its place; empty if it is valid. */
    List<String> faults(JsonNode value, JsonNode schema) {
        var faults = new ArrayList<String>();
        check(value, schema, "", faults);
        return List.copyOf(faults);
    }

    /** The part of the document that a {@code $ref} names, or the node itself. */
    JsonNode resolved(JsonNode node) {
        if (!node.has("$ref")) {
            return node;
        }
        var found = document.at(node.get("$ref").textValue().substring(1));
        if (found.isMissingNode()) {
            throw new AssertionError("a part of the document was expected: was " + node);
        }
        return found;
    }

    private void check(JsonNode value, JsonNode schema, String at, List<String> faults) {
        for (var property : schema.properties()) {
            var word = property.getKey();
            if (!WORDS.contains(word) && !REMARKS.contains(word)) {
                throw new AssertionError("a word of JSON Schema that is known here was expected: was " + word);
            }
            if (!holds(word, property.getValue(), value, schema, at, faults)) {
                faults.add(at + " must have " + word + " " + property.getValue() + ": was " + value);
            }
        }
    }

    /** Whether one word holds; what is wrong further in is added to the faults. */
    private boolean holds(
            String word, JsonNode wanted, JsonNode value, JsonNode schema, String at, List<String> faults) {
        switch (word) {
            case "$ref" -> check(value, resolved(schema), at, faults);
            case "properties" ->
                wanted.properties().stream()
                        .filter(property -> value.has(property.getKey()))
                        .forEach(property -> check(
                                value.get(property.getKey()),
                                property.getValue(),
                                at + "/" + property.getKey(),
                                faults));
            case "additionalProperties" -> additional(wanted, value, schema, at, faults);
            case "items" -> {
                for (int index = 0; value.isArray() && index < value.size(); index++) {
                    check(value.get(index), wanted, at + "/" + index, faults);
                }
            }
            default -> {
                return plain(word, wanted, value);
            }
        }
        return true;
    }

    private void additional(JsonNode wanted, JsonNode value, JsonNode schema, String at, List<String> faults) {
        for (var field : value.properties()) {
            if (!schema.path("properties").has(field.getKey())) {
                if (wanted.isObject()) {
                    check(field.getValue(), wanted, at + "/" + field.getKey(), faults);
                } else if (!wanted.booleanValue()) {
                    faults.add(at + "/" + field.getKey() + " must not be there");
                }
            }
        }
    }

    private boolean plain(String word, JsonNode wanted, JsonNode value) {
        return switch (word) {
            case "oneOf" ->
                elements(wanted)
                                .filter(choice -> faults(value, choice).isEmpty())
                                .count()
                        == 1;
            case "type" ->
                wanted.isArray()
                        ? elements(wanted).anyMatch(type -> is(type.textValue(), value))
                        : is(wanted.textValue(), value);
            case "enum" -> elements(wanted).anyMatch(value::equals);
            case "const" -> wanted.equals(value);
            case "required" -> !value.isObject() || elements(wanted).allMatch(name -> value.has(name.textValue()));
            case "maxProperties" -> !value.isObject() || value.size() <= wanted.intValue();
            case "minItems" -> !value.isArray() || value.size() >= wanted.intValue();
            case "maxItems" -> !value.isArray() || value.size() <= wanted.intValue();
            case "minimum" -> !value.isNumber() || value.doubleValue() >= wanted.doubleValue();
            case "maximum" -> !value.isNumber() || value.doubleValue() <= wanted.doubleValue();
            case "exclusiveMinimum" -> !value.isNumber() || value.doubleValue() > wanted.doubleValue();
            case "minLength" -> !value.isTextual() || value.textValue().length() >= wanted.intValue();
            case "maxLength" -> !value.isTextual() || value.textValue().length() <= wanted.intValue();
            case "pattern" ->
                !value.isTextual()
                        || Pattern.compile(wanted.textValue())
                                .matcher(value.textValue())
                                .find();
            default -> true;
        };
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new AssertionError("a type of JSON Schema was expected: was " + type);
        };
    }

    private static Stream<JsonNode> elements(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false);
    }
}
