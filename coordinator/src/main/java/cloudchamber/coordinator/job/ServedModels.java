package cloudchamber.coordinator.job;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.wire.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The models that workers serve, as one dispatcher knows them.
 *
 * @param services one for each kind of worker that takes work
 * @param reasons of the last failures of models whose workers have had no success since
 */
public record ServedModels(Set<Service> services, Map<Model, String> reasons) {

    public record Model(Role role, String name) {}

    /**
     * Workers that differ in no way that matters to a job.
     *
     * @param numericsFamily {@code LIBRARY/VARIANT}
     * @param probed whether they get nothing but probes, as their last requests failed
     */
    public record Service(Role role, String model, String numericsFamily, boolean probed) {}

    /** How far a need is met. */
    public enum Extent {
        /** Workers take work for both models. */
        FULL,
        /** Both models have workers, but all workers of one of them get probes alone. */
        PROBES,
        /** A model has no worker. */
        NONE
    }

    public static final ServedModels NONE = new ServedModels(Set.of(), Map.of());

    private static final List<Role> ROLES = List.of(Role.POLICY, Role.PRM);

    public ServedModels {
        services = Set.copyOf(services);
        reasons = Map.copyOf(reasons);
    }

    /** What these workers serve, and in which trouble they are. */
    public static ServedModels of(Collection<Dispatcher.WorkerLine> workers, Collection<Dispatcher.Trouble> troubles) {
        return new ServedModels(
                workers.stream()
                        .filter(ServedModels::takesWork)
                        .map(worker -> new Service(
                                worker.announcement().role(),
                                worker.announcement().model(),
                                worker.announcement().numericsClass().family(),
                                worker.ejected()))
                        .collect(Collectors.toSet()),
                troubles.stream()
                        .collect(Collectors.toMap(
                                trouble -> new Model(trouble.role(), trouble.model()),
                                Dispatcher.Trouble::reason,
                                (first, second) -> first)));
    }

    /** Whether a worker is there and takes work. */
    public static boolean takesWork(Dispatcher.WorkerLine worker) {
        return !worker.silent() && !worker.status().draining();
    }

    /** How far workers serve both models of a need. */
    public Extent extent(Need need) {
        var policy = extent(Role.POLICY, need);
        var prm = extent(Role.PRM, need);
        return policy.compareTo(prm) > 0 ? policy : prm;
    }

    /** The models of a need that have no worker, or none that has had a success since its last failure. */
    public List<Lack> lacking(Need need) {
        var lacking = new ArrayList<Lack>();
        for (var role : ROLES) {
            reason(role, need).ifPresent(reason -> lacking.add(new Lack(need.name(role), reason)));
        }
        return List.copyOf(lacking);
    }

    private Optional<String> reason(Role role, Need need) {
        var trouble = Optional.ofNullable(reasons.get(new Model(role, need.model(role))));
        return switch (extent(role, need)) {
            case NONE -> Optional.of("no worker serves it");
            case PROBES -> trouble.or(() -> Optional.of("every worker that serves it failed its last requests"));
            case FULL -> trouble;
        };
    }

    /** The models of a need that have no worker, each with its role: {@code policy smollm2-135m}. */
    public List<String> missing(Need need) {
        return ROLES.stream()
                .filter(role -> extent(role, need) == Extent.NONE)
                .map(need::name)
                .toList();
    }

    private Extent extent(Role role, Need need) {
        return services.stream()
                .filter(service -> service.role() == role
                        && service.model().equals(need.model(role))
                        && (need.numericsFamily() == null
                                || need.numericsFamily().equals(service.numericsFamily())))
                .map(service -> service.probed() ? Extent.PROBES : Extent.FULL)
                .min(Extent::compareTo)
                .orElse(Extent.NONE);
    }
}
