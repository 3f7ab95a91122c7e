package cloudchamber;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Groups of classes that reach each other: the strongly connected components of a program [1]; nested classes are one with their own. */
final class Circles {
    /*
     * [1] R. Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1 (1972).
     */
    private final Map<String, Set<String>> arrows;
    private final Map<String, Integer> order = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> onPath = new HashSet<>();
    private final List<List<String>> found = new ArrayList<>();

    private Circles(Map<String, Set<String>> arrows) {
        this.arrows = arrows;
    }

    /** Each circle's classes by name, at least two. */
    static List<List<String>> of(JavaClasses classes) {
        var arrows = new TreeMap<String, Set<String>>();
        for (var type : classes) {
            var from = outermost(type.getName());
            var to = arrows.computeIfAbsent(from, name -> new TreeSet<>());
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                var name = outermost(
                        dependency.getTargetClass().getBaseComponentType().getName());
                if (!name.equals(from) && classes.contain(name)) {
                    to.add(name);
                }
            }
        }
        var circles = new Circles(arrows);
        for (var name : arrows.keySet()) {
            if (!circles.order.containsKey(name)) {
                circles.visit(name);
            }
        }
        return circles.found;
    }

    private static String outermost(String name) {
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private void visit(String name) {
        order.put(name, order.size());
        lowest.put(name, order.get(name));
        path.push(name);
        onPath.add(name);
        for (var next : arrows.get(name)) {
            if (!order.containsKey(next)) {
                visit(next);
                lowest.merge(name, lowest.get(next), Math::min);
            } else if (onPath.contains(next)) {
                lowest.merge(name, order.get(next), Math::min);
            }
        }
        if (lowest.get(name).equals(order.get(name))) {
            var circle = new ArrayList<String>();
            do {
                circle.add(path.peek());
                onPath.remove(path.peek());
            } while (!path.pop().equals(name));
            if (circle.size() > 1) {
                found.add(List.copyOf(circle));
            }
        }
    }
}
