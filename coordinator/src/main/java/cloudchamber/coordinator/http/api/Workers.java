package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.job.Need;
import cloudchamber.coordinator.job.ServedModels;
import cloudchamber.protocol.wire.Role;
import java.util.LinkedHashSet;
import java.util.List;

/** Which models nobody serves. */
public final class Workers {
    private Workers() {}

    /** The models a job needs and nobody serves, each with its role: {@code policy smollm2-135m}. */
    public static List<String> missing(JobView job, List<Dispatcher.WorkerLine> workers) {
        return ServedModels.of(workers, List.of()).missing(new Need(job.policy(), job.prm(), job.numericsFamily()));
    }

    /** The roles that no worker has, and the models that work waits for and nobody serves. */
    public static List<String> missing(Dispatcher.Status status) {
        var missing = new LinkedHashSet<String>();
        for (var role : List.of(Role.POLICY, Role.PRM)) {
            var waiting = role == Role.POLICY ? status.waitingForPolicy() : status.waitingForPrm();
            waiting.keySet().stream()
                    .sorted()
                    .filter(model -> !served(role, model, status.workers()))
                    .forEach(model -> missing.add(name(role, model)));
            if (status.workers().stream().noneMatch(worker -> serves(worker, role))) {
                missing.add(role.id());
            }
        }
        return List.copyOf(missing);
    }

    private static boolean served(Role role, String model, List<Dispatcher.WorkerLine> workers) {
        return workers.stream()
                .anyMatch(worker ->
                        serves(worker, role) && worker.announcement().model().equals(model));
    }

    /** Whether a worker of the role takes work. */
    public static boolean serves(Dispatcher.WorkerLine worker, Role role) {
        return worker.announcement().role() == role && ServedModels.takesWork(worker);
    }

    private static String name(Role role, String model) {
        return role.id() + " " + model;
    }
}
