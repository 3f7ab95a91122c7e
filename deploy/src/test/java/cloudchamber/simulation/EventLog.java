package cloudchamber.simulation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The journal of jobs or of sweeps: an append must build on the last one. */
class EventLog<E> {
    private final Map<String, List<E>> logs = new LinkedHashMap<>();

    List<E> read(String entity) {
        return List.copyOf(logs.getOrDefault(entity, List.of()));
    }

    /** Empty before the first one. */
    Optional<E> last(String entity) {
        return Optional.ofNullable(logs.get(entity)).map(List::getLast);
    }

    boolean append(String entity, int sequence, List<E> events) {
        var log = logs.computeIfAbsent(entity, id -> new ArrayList<>());
        return log.size() == sequence && log.addAll(events);
    }
}
