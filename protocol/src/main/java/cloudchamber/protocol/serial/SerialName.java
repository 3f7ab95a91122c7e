package cloudchamber.protocol.serial;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The name of one class wherever its objects are stored or sent. Frozen.
 *
 * @param type the class, wherever it is now
 * @param name words, dots and a version, such as {@code job.accepted.1}; a class that takes the place of another one
 *     whose objects it cannot read has the next version
 * @param formerNames that are stored as well and mean the same
 */
public record SerialName(Class<?> type, String name, List<String> formerNames) {
    private static final Pattern FORM = Pattern.compile("[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)+\\.[1-9][0-9]*");

    public SerialName {
        formerNames = List.copyOf(formerNames);
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException("a name must be as job.accepted.1 is: was [" + name + "]");
        }
    }

    /** One that had no other name. */
    public static SerialName of(String name, Class<?> type) {
        return new SerialName(type, name, List.of());
    }

    /** One whose objects are stored under the name that its class had, as the schema 4 of the journal did. */
    public static SerialName of(String name, Class<?> type, String formerName) {
        return new SerialName(type, name, List.of(formerName));
    }

    /** Every name under which there may be objects, the one that is written first. */
    public List<String> names() {
        return Stream.concat(Stream.of(name), formerNames.stream()).toList();
    }
}
