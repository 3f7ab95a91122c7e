package cloudchamber.prompt.jinja;

import java.util.List;
import java.util.Map;

/** The arguments of one call, by place or by name. */
record Call(String callee, List<Object> positional, Map<String, Object> named) {
    boolean has(int place, String name) {
        return place < positional.size() || named.containsKey(name);
    }

    Object get(int place, String name) {
        if (!has(place, name)) {
            throw new JinjaException(callee + " needs [" + name + "]: had " + positional.size() + " arguments");
        }
        return place < positional.size() ? positional.get(place) : named.get(name);
    }

    Object get(int place, String name, Object standard) {
        return has(place, name) ? get(place, name) : standard;
    }

    Text text(int place, String name) {
        if (get(place, name) instanceof Text text) {
            return text;
        }
        throw new JinjaException(callee + " needs a text [" + name + "]: was " + Values.represented(get(place, name)));
    }

    /** A text that may be left out or none: null then. */
    String textOrNull(int place, String name) {
        return get(place, name, null) == null ? null : text(place, name).value();
    }
}
