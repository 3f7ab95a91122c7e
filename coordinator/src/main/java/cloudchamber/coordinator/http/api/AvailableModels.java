package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.wire.Role;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The models that workers serve, by name.
 *
 * @param policyContexts tokens that fit the context of each policy, of its worker with the widest
 */
public record AvailableModels(Map<String, Integer> policyContexts, Set<String> prms) {
    /** When nobody could be asked. */
    public static final AvailableModels UNKNOWN = new AvailableModels(Map.of(), Set.of());

    public AvailableModels {
        policyContexts = Map.copyOf(policyContexts);
        prms = Set.copyOf(prms);
    }

    public static AvailableModels of(Dispatcher.Status status) {
        return new AvailableModels(
                status.workers().stream()
                        .filter(worker -> Workers.serves(worker, Role.POLICY))
                        .map(Dispatcher.WorkerLine::announcement)
                        .collect(Collectors.toMap(
                                policy -> policy.model(), policy -> policy.contextTokens(), Math::max)),
                status.workers().stream()
                        .filter(worker -> Workers.serves(worker, Role.PRM))
                        .map(worker -> worker.announcement().model())
                        .collect(Collectors.toSet()));
    }
}
