package cloudchamber.protocol.serial;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The tables of all owners together. Names and classes stand in it once. */
public final class SerialNameTable {
    private static final String PATH = "cloudchamber.serial-names";

    private final Map<Class<?>, SerialName> byType = new HashMap<>();
    private final Map<String, Class<?>> byName = new HashMap<>();

    private SerialNameTable() {}

    /**
     * The table that a configuration lists.
     *
     * @throws IllegalArgumentException if a class or a name stands twice in it, or a table cannot be made
     */
    public static SerialNameTable of(Config config, ClassLoader classes) {
        var table = new SerialNameTable();
        for (var owner : config.getConfig(PATH).root().unwrapped().values()) {
            table.add(load(owner.toString(), classes));
        }
        return table;
    }

    private static SerialNames load(String owner, ClassLoader classes) {
        try {
            var constructor = Class.forName(owner, true, classes)
                    .asSubclass(SerialNames.class)
                    .getDeclaredConstructor();
            constructor.setAccessible(true);
            return constructor.newInstance();
        } catch (ReflectiveOperationException | ClassCastException broken) {
            throw new IllegalArgumentException(
                    PATH + " must list implementations of SerialNames: listed " + owner, broken);
        }
    }

    private void add(SerialNames owner) {
        for (var entry : owner.names()) {
            if (byType.putIfAbsent(entry.type(), entry) != null) {
                throw new IllegalArgumentException("a class must have one name: " + entry.type() + " has two");
            }
            for (var name : entry.names()) {
                if (byName.putIfAbsent(name, entry.type()) != null) {
                    throw new IllegalArgumentException("a name must mean one class: " + name + " means two");
                }
            }
        }
    }

    /** Everything that has a name. */
    public Collection<SerialName> entries() {
        return List.copyOf(new ArrayList<>(byType.values()));
    }

    /**
     * The name of a class.
     *
     * @throws IllegalArgumentException if it has none
     */
    public SerialName of(Class<?> type) {
        var entry = byType.get(type);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "what is stored or sent must have a name, see " + PATH + ": " + type.getName() + " has none");
        }
        return entry;
    }

    /**
     * The class that a name means, the one that is written or a former one.
     *
     * @throws IllegalArgumentException if it means none
     */
    public Class<?> type(String name) {
        var type = byName.get(name);
        if (type == null) {
            throw new IllegalArgumentException("a name must stand in " + PATH + ": [" + name + "] does not");
        }
        return type;
    }
}
