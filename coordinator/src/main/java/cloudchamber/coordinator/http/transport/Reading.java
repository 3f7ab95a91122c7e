package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.http.transport.ApiError.Fault;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Reads JSON values and gathers what is wrong with them. A value at fault yields a stand-in, so that
 * reading goes on and finds the other faults; what was read counts only if there are none.
 *
 * <p>Nothing is coerced: {@code "8"} and {@code 8.0} are no whole numbers, {@code 1} is no flag.
 *
 * <p>Places are JSON pointers (RFC 6901), the whole body's being the empty one.
 */
public final class Reading {
    private static final int MAX_SEEN_LENGTH = 40;

    private final List<Fault> faults = new ArrayList<>();

    /** What is wrong, in the order of reading. */
    public List<Fault> faults() {
        return List.copyOf(faults);
    }

    /** How many faults there are so far. */
    public int count() {
        return faults.size();
    }

    public void add(ErrorKind kind, String at, String detail) {
        faults.add(new Fault(at, kind, name(at) + " " + detail));
    }

    /** Two fields that contradict each other, each a fault of its own. */
    public void conflict(String at, String other, String reason) {
        add(ErrorKind.CONFLICTING_FIELDS, at, "contradicts " + name(other) + ": " + reason);
        add(ErrorKind.CONFLICTING_FIELDS, other, "contradicts " + name(at) + ": " + reason);
    }

    /** The name of a model, never the address of a server. */
    public String model(JsonNode value, String at, String standIn) {
        int before = count();
        var name = name(value, at, standIn);
        if (count() == before && name.contains("://")) {
            add(
                    ErrorKind.BACKEND_NOT_ALLOWED,
                    at,
                    "must be a model's name, not an address; servers are known to workers, by name: was "
                            + seen(value));
        }
        return name;
    }

    /** Whether the value is an object; names it has beside {@code names} become faults. */
    public boolean isObject(JsonNode value, String at, Collection<String> names) {
        if (!value.isObject()) {
            wrongType(at, "an object", value);
            return false;
        }
        value.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                add(
                        ErrorKind.UNKNOWN_FIELD,
                        child(at, name),
                        "is unknown" + Suggestion.sentence(name, names) + "; known are " + String.join(", ", names));
            }
        });
        return true;
    }

    public String text(JsonNode value, String at, String standIn) {
        if (!value.isTextual()) {
            return wrongType(at, "a text", value, standIn);
        }
        if (!isUnicode(value.textValue())) {
            add(
                    ErrorKind.INVALID_UNICODE,
                    at,
                    "must be Unicode text without NUL: has a NUL or half of a surrogate pair");
            return standIn;
        }
        return value.textValue();
    }

    /** A text of one line, for lists and terminals. */
    public String name(JsonNode value, String at, String standIn) {
        int before = count();
        var name = text(value, at, standIn);
        if (count() == before && !isOneLine(name)) {
            add(ErrorKind.CONTROL_CHARACTER, at, "must have no control characters and be one line: has another");
            return standIn;
        }
        return name;
    }

    /** One of {@code ids}. */
    public String id(JsonNode value, String at, Collection<String> ids, String standIn) {
        if (!value.isTextual()) {
            return wrongType(at, "one of " + String.join(", ", ids), value, standIn);
        }
        if (!ids.contains(value.textValue())) {
            add(
                    ErrorKind.UNKNOWN_VALUE,
                    at,
                    "must be one of " + String.join(", ", ids) + ": was " + seen(value)
                            + Suggestion.sentence(value.textValue(), ids));
            return standIn;
        }
        return value.textValue();
    }

    public long wholeNumber(JsonNode value, String at, long minimum, long maximum, long standIn) {
        if (!value.isIntegralNumber()) {
            return wrongType(at, "a whole number", value, standIn);
        }
        if (!value.canConvertToLong() || value.longValue() < minimum || value.longValue() > maximum) {
            add(
                    ErrorKind.OUT_OF_RANGE,
                    at,
                    "must be a whole number between " + minimum + " and " + maximum + ": was " + seen(value));
            return standIn;
        }
        return value.longValue();
    }

    /**
     * Lays the fields of an object over a record of standard values. The record's components are numbers,
     * flags, texts, lists of texts, enums written by their ids, or records of such; what its constructor
     * refuses becomes a fault.
     *
     * @param others fields the object has beside the record's, which are passed over
     */
    public <R extends Record> R overlay(JsonNode object, String at, R standard, Set<String> others) {
        var components = standard.getClass().getRecordComponents();
        var names = Arrays.stream(components)
                .map(RecordComponent::getName)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        names.addAll(others);
        int faultsBefore = faults.size();
        if (!isObject(object, at, names)) {
            return standard;
        }
        var values = new Object[components.length];
        for (int index = 0; index < components.length; index++) {
            var given = object.get(components[index].getName());
            var usual = valueOf(components[index], standard);
            values[index] = given == null
                    ? usual
                    : value(components[index].getType(), given, child(at, components[index].getName()), usual);
        }
        return faults.size() > faultsBefore
                ? standard
                : checked(ErrorKind.OUT_OF_RANGE, at, standard, () -> construct(standard, components, values));
    }

    /** What {@code making} makes; its complaint of an argument becomes a fault. */
    public <T> T checked(ErrorKind kind, String at, T standIn, Supplier<T> making) {
        try {
            return making.get();
        } catch (IllegalArgumentException refused) {
            faults.add(new Fault(place(at, refused.getMessage()), kind, refused.getMessage()));
            return standIn;
        }
    }

    private Object value(Class<?> type, JsonNode value, String at, Object usual) {
        if (type == int.class) {
            return (int) wholeNumber(value, at, Integer.MIN_VALUE, Integer.MAX_VALUE, (int) usual);
        }
        if (type == Integer.class) {
            return (int) wholeNumber(value, at, Integer.MIN_VALUE, Integer.MAX_VALUE, usual == null ? 1 : (int) usual);
        }
        if (type == long.class) {
            return wholeNumber(value, at, Long.MIN_VALUE, Long.MAX_VALUE, (long) usual);
        }
        if (type == double.class) {
            return number(value, at, (double) usual);
        }
        if (type == boolean.class) {
            return value.isBoolean() ? value.booleanValue() : wrongType(at, "true or false", value, (boolean) usual);
        }
        if (type == String.class) {
            return text(value, at, (String) usual);
        }
        if (type == List.class) {
            return texts(value, at);
        }
        if (type.isEnum()) {
            var constants = Arrays.stream(type.getEnumConstants())
                    .collect(Collectors.toMap(
                            Reading::idOf, constant -> constant, (one, other) -> one, LinkedHashMap::new));
            return constants.get(id(value, at, constants.keySet(), idOf(usual)));
        }
        if (usual instanceof TemperatureSchedule schedule && value.isNumber()) {
            return checked(
                    ErrorKind.OUT_OF_RANGE, at, schedule, () -> TemperatureSchedule.constant(number(value, at, 1)));
        }
        if (usual instanceof Record record) {
            return overlay(value, at, record, Set.of());
        }
        throw new IllegalStateException("settings must be numbers, flags, texts, lists of texts, enums or records: "
                + name(at) + " is a " + type.getName());
    }

    private double number(JsonNode value, String at, double standIn) {
        if (!value.isNumber()) {
            return wrongType(at, "a number", value, standIn);
        }
        if (!Double.isFinite(value.doubleValue())) {
            add(ErrorKind.OUT_OF_RANGE, at, "must fit a float64: was " + seen(value));
            return standIn;
        }
        return value.doubleValue();
    }

    /** A number between two bounds, both included. */
    public double number(JsonNode value, String at, double minimum, double maximum, double standIn) {
        int before = count();
        double number = number(value, at, standIn);
        if (count() == before && (number < minimum || number > maximum)) {
            add(ErrorKind.OUT_OF_RANGE, at, "must be between " + minimum + " and " + maximum + ": was " + seen(value));
            return standIn;
        }
        return number;
    }

    private List<String> texts(JsonNode value, String at) {
        if (!value.isArray()) {
            return wrongType(at, "a list of texts", value, List.of());
        }
        var texts = new ArrayList<String>(value.size());
        for (int index = 0; index < value.size(); index++) {
            texts.add(text(value.get(index), at + "/" + index, ""));
        }
        return texts;
    }

    public <T> T wrongType(String at, String expected, JsonNode value, T standIn) {
        wrongType(at, expected, value);
        return standIn;
    }

    public void wrongType(String at, String expected, JsonNode value) {
        add(ErrorKind.WRONG_TYPE, at, "must be " + expected + ": was " + seen(value));
    }

    private static String idOf(Object constant) {
        return Json.tree(constant).textValue();
    }

    private static Object valueOf(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @SuppressWarnings("unchecked")
    private static <R extends Record> R construct(R standard, RecordComponent[] components, Object[] values) {
        var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            return (R) standard.getClass().getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException thrown) {
            if (thrown.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException(thrown.getCause());
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /**
     * The pointer to what a record complains of: its sentences start with the name, as in
     * {@code method.particles must be …}. Where the name is none below {@code at}, it is {@code at} itself.
     */
    private static String place(String at, String sentence) {
        var first = sentence.substring(0, Math.max(0, sentence.indexOf(' ')));
        var last = at.substring(at.lastIndexOf('/') + 1);
        return !last.isEmpty() && first.startsWith(last + ".")
                ? at + first.substring(last.length()).replace('.', '/')
                : at;
    }

    public static String child(String at, String name) {
        return at + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    /** A pointer as people write it: {@code problems[0].question}. */
    private static String name(String at) {
        if (at.isEmpty()) {
            return "the body";
        }
        var name = new StringBuilder();
        for (var part : at.substring(1).split("/", -1)) {
            if (!name.isEmpty() && part.chars().allMatch(character -> character >= '0' && character <= '9')) {
                name.append('[').append(part).append(']');
            } else {
                name.append(name.isEmpty() ? "" : ".")
                        .append(shown(part.replace("~1", "/").replace("~0", "~")));
            }
        }
        return name.toString();
    }

    private static String seen(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list of " + value.size();
            case STRING -> "\"" + shown(value.textValue()) + "\"";
            case NUMBER, BOOLEAN, NULL, BINARY, POJO, MISSING -> shown(value.asText());
        };
    }

    /** The start of a text, its control characters replaced. */
    private static String shown(String text) {
        var cut = text.length() > MAX_SEEN_LENGTH ? text.substring(0, MAX_SEEN_LENGTH) + "…" : text;
        var shown = new StringBuilder();
        cut.codePoints()
                .map(point -> switch (Character.getType(point)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> '?';
                    default -> point;
                })
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }

    /** Whether a text is whole: no NUL, no half of a surrogate pair. */
    public static boolean isUnicode(String text) {
        return text.codePoints().noneMatch(point -> point == 0 || Character.getType(point) == Character.SURROGATE);
    }

    /** Whether no character of the text moves a terminal's cursor, colours it or ends its line. */
    public static boolean isOneLine(String text) {
        return text.codePoints().noneMatch(point -> switch (Character.getType(point)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        });
    }
}
