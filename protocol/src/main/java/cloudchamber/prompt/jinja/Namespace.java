package cloudchamber.prompt.jinja;

import java.util.HashMap;
import java.util.Map;

/** The one kind of value that a template may change: {@code set ns.name = value}. */
final class Namespace {
    private final Map<String, Object> values;

    Namespace(Map<String, Object> values) {
        this.values = new HashMap<>(values);
    }

    Object get(String name) {
        return values.containsKey(name) ? values.get(name) : new Undefined(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }
}
