package cloudchamber.coordinator.job;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.protocol.Role;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The models that workers serve, as one dispatcher knows them.
 *
 * @param services one for each kind of worker that takes work
 */
public record ServedModels(Set<Service> services) {

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

    public static final ServedModels NONE = new ServedModels(Set.of());

    private static final List<Role> ROLES = List.of(Role.POLICY, Role.PRM);

    public ServedModels {
        services = Set.copyOf(services);
    }

    /** What these workers serve. */
    public static ServedModels of(Collection<Dispatcher.WorkerLine> workers) {
        return new ServedModels(workers.stream()
                .filter(ServedModels::takesWork)
                .map(worker -> new Service(
                        worker.announcement().role(),
                        worker.announcement().model(),
                        worker.announcement().numericsClass().family(),
                        worker.ejected()))
                .collect(Collectors.toSet()));
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

    /** The models of a need that have no worker, or none that takes more than probes. */
    public List<Lack> lacking(Need need) {
        var lacking = new ArrayList<Lack>();
        for (var role : ROLES) {
            switch (extent(role, need)) {
                case FULL -> {}
                case PROBES ->
                    lacking.add(new Lack(need.name(role), "every worker that serves it failed its last requests"));
                case NONE -> lacking.add(new Lack(need.name(role), "no worker serves it"));
            }
        }
        return List.copyOf(lacking);
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
