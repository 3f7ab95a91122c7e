package cloudchamber.simulation;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.job.Claim;
import cloudchamber.coordinator.job.FairShares;
import cloudchamber.coordinator.job.ServedModels;
import cloudchamber.protocol.wire.Role;
import cloudchamber.simulation.World.Bug;
import cloudchamber.simulation.World.Fault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the admission actor of a coordinator does around its shares. */
final class SimulatedAdmission {
    static final int PLACES = 2;
    private static final int TICK_MILLIS = 250;

    private final SimulatedCoordinator home;
    private final World world;
    private final Map<String, JobEntity> jobs = new LinkedHashMap<>();
    private FairShares shares = new FairShares(PLACES);
    private boolean servedIsKnown;

    SimulatedAdmission(SimulatedCoordinator home) {
        this.home = home;
        this.world = home.cluster.world;
        world.after(TICK_MILLIS, this::tick);
    }

    int taken() {
        return shares.taken();
    }

    /** All that it knew is gone. */
    void restart() {
        shares = new FairShares(PLACES);
        servedIsKnown = false;
        jobs.clear();
    }

    void state(String name, Claim claim, JobEntity job) {
        if (shares.claim(name, claim, world.nowMillis())) {
            jobs.put(name, job);
        }
        grant();
        if (servedIsKnown) {
            answer(name);
        }
    }

    void leave(String name, long life) {
        if (world.bug != Bug.PLACES_OF_OLD_LIVES_KEPT) {
            shares.leave(name, life);
        }
        grant();
    }

    private void tick() {
        home.receive(() -> {
            if (world.goesWrong(Fault.ADMISSION_RESTARTED, .005)) {
                restart();
            }
            if (world.bug != Bug.PLACES_OF_OLD_LIVES_KEPT) {
                shares.expire(world.nowMillis()).forEach(jobs::remove);
            }
            boolean changed = shares.serve(served()) || !servedIsKnown;
            servedIsKnown = true;
            grant();
            if (changed) {
                shares.jobs().forEach(this::answer);
            }
            world.after(TICK_MILLIS, this::tick);
        });
    }

    private ServedModels served() {
        if (world.bug == Bug.PLACES_HELD_WITHOUT_WORKERS) {
            return new ServedModels(
                    Stream.of(Simulation.MODEL, Simulation.LATE_MODEL)
                            .flatMap(model -> Stream.of(Role.POLICY, Role.PRM)
                                    .map(role -> new ServedModels.Service(role, model, "simulated/any", false)))
                            .collect(Collectors.toSet()),
                    Map.of());
        }
        return ServedModels.of(
                home.core.workers(world.nowMillis()).stream()
                        .map(view -> new Dispatcher.WorkerLine(
                                view.announcement(),
                                view.status(),
                                view.leases(),
                                view.freeSlots(),
                                view.silent(),
                                view.ejected()))
                        .toList(),
                List.of());
    }

    private void grant() {
        if (servedIsKnown) {
            shares.grant().forEach(this::answer);
        }
    }

    private void answer(String name) {
        var job = jobs.get(name);
        var allowance = shares.allowance(name);
        world.send(() -> home.receive(() -> job.receive(() -> job.allowed(allowance))));
    }
}
