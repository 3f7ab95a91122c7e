package cloudchamber.prompt.jinja;

import java.util.List;
import java.util.Map;

/** A function, a macro or a method of a value. */
@FunctionalInterface
public interface Callable {
    /**
     * The value of a call.
     *
     * @throws JinjaException if the arguments do not fit
     */
    Object call(List<Object> positional, Map<String, Object> named);
}
