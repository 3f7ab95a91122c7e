package cloudchamber.coordinator.method;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Values computed by exact enumeration, apart from the code they test: {@code closed-form.json}. */
public final class ClosedForm {
    private static final JsonNode VALUES = read();

    private ClosedForm() {}

    private static JsonNode read() {
        try (var file = ClosedForm.class.getResourceAsStream("closed-form.json")) {
            return new ObjectMapper().readTree(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** The number at a JSON pointer. */
    public static double number(String pointer) {
        var node = VALUES.at(pointer);
        if (!node.isNumber()) {
            throw new IllegalArgumentException("there must be a number at " + pointer + ": was " + node);
        }
        return node.doubleValue();
    }

    /** The law at a JSON pointer: probabilities by name, given as numbers or as fractions with their decimals. */
    public static Map<String, Double> law(String pointer) {
        var law = new LinkedHashMap<String, Double>();
        VALUES.at(pointer).properties().forEach(entry -> {
            if (!entry.getKey().equals("Z")) {
                law.put(
                        entry.getKey(),
                        entry.getValue().isNumber()
                                ? entry.getValue().doubleValue()
                                : entry.getValue().get("dec").doubleValue());
            }
        });
        if (law.isEmpty()) {
            throw new IllegalArgumentException("there must be a law at " + pointer);
        }
        return law;
    }
}
