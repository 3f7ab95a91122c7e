package cloudchamber.coordinator.journal;

/**
 * Who did something that changes what others see.
 *
 * @param request the id of the request; unique together with the time
 * @param key the id of the caller's key; empty where none was needed
 * @param action the method and the path of the route, its parameters in braces
 * @param object the path's parameters as they were given; without a body
 * @param status of the answer, as HTTP has it
 */
public record AuditRow(
        long atMillis,
        String request,
        String key,
        String tenant,
        String role,
        String action,
        String object,
        int status) {}
