package cloudchamber.prompt.jinja;

import java.util.HashMap;
import java.util.Map;

/** The names that a piece of a template sees: its own and those around it. */
final class Scope {
    private final Scope around;
    private final Map<String, Object> values = new HashMap<>();

    /** @param around null for the outermost */
    Scope(Scope around) {
        this.around = around;
    }

    Object get(String name) {
        for (var scope = this; scope != null; scope = scope.around) {
            if (scope.values.containsKey(name)) {
                return scope.values.get(name);
            }
        }
        return new Undefined(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }
}
