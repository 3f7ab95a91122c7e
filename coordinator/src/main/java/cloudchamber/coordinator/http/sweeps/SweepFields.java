package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reading;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The fields of a sweep's body. */
record SweepFields(JsonNode body, Reading reading) {

    /** The entries of a field; none if it is missing. An axis without an entry is a fault. */
    List<JsonNode> list(String field) {
        var node = body.get(field);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            if (reading.faults().stream().noneMatch(fault -> fault.pointer().equals("/" + field))) {
                reading.wrongType("/" + field, "a list", node);
            }
            return List.of();
        }
        var entries = new ArrayList<JsonNode>();
        node.forEach(entries::add);
        if (entries.isEmpty()
                && reading.faults().stream().noneMatch(fault -> fault.pointer().equals("/" + field))) {
            reading.add(ErrorKind.OUT_OF_RANGE, "/" + field, "must have an entry: has none");
        }
        return entries;
    }

    Optional<JsonNode> given(String field) {
        return Optional.ofNullable(body.get(field));
    }
}
