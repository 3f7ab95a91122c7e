package cloudchamber.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What of a solved problem no fault, order, placement or cache may change. */
final class Invariant {
    private Invariant() {}

    /**
     * A problem's document as text, to be compared. Of its cost only the calls stay: tokens are read again after a
     * fault, and time passes.
     */
    static String of(JsonNode problem) {
        ObjectNode copy = problem.deepCopy();
        ((ObjectNode) copy.path("cost")).retain("policyCalls", "prmCalls");
        return copy.toString();
    }
}
