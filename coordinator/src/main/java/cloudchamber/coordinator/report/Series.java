package cloudchamber.coordinator.report;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the curves of a sweep are called. */
public final class Series {
    private static final String METHOD = "method";
    private static final String ALLOCATION = "allocation";

    private Series() {}

    /**
     * A name for each of some configurations: its method, then the level of every axis that varies among them. The
     * allocation gives no curve of its own, since it says how a budget is spent.
     *
     * @param axes of each configuration, its budget and seed left out; the method among them
     * @return in the same order; configurations of one curve have one name
     */
    public static List<String> names(List<Map<String, String>> axes) {
        var levels = new TreeMap<String, Set<String>>();
        axes.forEach(each -> each.forEach((axis, level) ->
                levels.computeIfAbsent(axis, name -> new TreeSet<>()).add(level)));
        levels.keySet().removeAll(Set.of(METHOD, ALLOCATION));
        levels.values().removeIf(values -> values.size() < 2);
        return axes.stream()
                .map(each -> {
                    var name = new StringBuilder(each.get(METHOD));
                    levels.keySet().forEach(axis -> {
                        if (each.containsKey(axis)) {
                            name.append(' ').append(axis).append('=').append(each.get(axis));
                        }
                    });
                    return name.toString();
                })
                .toList();
    }
}
