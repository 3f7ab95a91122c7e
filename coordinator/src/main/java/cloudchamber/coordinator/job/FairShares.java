package cloudchamber.coordinator.job;

import cloudchamber.coordinator.job.ServedModels.Extent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A number of places, shared out among the jobs that claim some: each next one goes to the tenant that has the fewest,
 * and within it to the job that has the fewest for its weight; of several to the one that got none for the longest. A
 * place is never taken away. Deterministic; time comes in.
 */
public final class FairShares {
    /*
     * The account of a job is two totals that only grow, granted and returned; the job and the shares each keep the
     * larger one of what they know and what they are told. A claim that is not repeated in time ends with all it held.
     *
     * Problems that no worker can run hold no place: while a model of a job is not served, what the job holds does not
     * count, and it is granted nothing. While its workers take probes alone it is granted one problem, for a probe
     * needs a piece of work.
     */

    /** Jobs repeat their claims every two seconds. */
    public static final Duration LEASE = Duration.ofSeconds(10);

    private static final class Holder {
        private final String job;
        private Claim claim;
        private Extent extent;
        private long granted;
        private long returned;
        private long heardMillis;
        private long turn;

        private Holder(String job) {
            this.job = job;
        }

        private int held() {
            return (int) Math.max(0, granted - returned);
        }

        private int counted() {
            return extent == Extent.FULL ? held() : 0;
        }

        private boolean hungry() {
            return held()
                    < switch (extent) {
                        case FULL -> claim.wanted();
                        case PROBES -> Math.min(1, claim.wanted());
                        case NONE -> 0;
                    };
        }

        private double share() {
            return held() / claim.weight();
        }

        private long turn() {
            return turn;
        }
    }

    private static final class Tenant {
        private final TreeSet<Holder> hungry =
                new TreeSet<>(Comparator.comparingDouble(Holder::share).thenComparingLong(Holder::turn));
        private int counted;
        private int jobs;
        private long turn;

        private int counted() {
            return counted;
        }

        private long turn() {
            return turn;
        }
    }

    private final int places;
    private final Map<String, Holder> holders = new LinkedHashMap<>();
    private final Map<String, Tenant> tenants = new HashMap<>();
    private final TreeSet<Tenant> hungry =
            new TreeSet<>(Comparator.comparingInt(Tenant::counted).thenComparingLong(Tenant::turn));
    private ServedModels served = ServedModels.NONE;
    private int taken;
    private long turns;

    public FairShares(int places) {
        this.places = places;
    }

    /**
     * Takes a claim.
     *
     * @return whether it was heard: one of an earlier life than the last one is not
     */
    public boolean claim(String job, Claim claim, long nowMillis) {
        var holder = holders.get(job);
        if (holder != null && holder.claim.life() > claim.life()) {
            return false;
        }
        if (holder == null || holder.claim.life() < claim.life()) {
            remove(job);
            holder = new Holder(job);
            holder.turn = turns++;
            holders.put(job, holder);
        } else {
            takeOut(holder);
        }
        holder.claim = claim;
        holder.granted = Math.max(holder.granted, claim.granted());
        holder.returned = Math.max(holder.returned, claim.returned());
        holder.extent = served.extent(claim.need());
        holder.heardMillis = nowMillis;
        putIn(holder);
        return true;
    }

    /** Ends the claim of a life or an earlier one: all that it held is free. */
    public void leave(String job, long life) {
        var holder = holders.get(job);
        if (holder != null && holder.claim.life() <= life) {
            remove(job);
        }
    }

    /**
     * Takes what is served now.
     *
     * @return whether it differs from before
     */
    public boolean serve(ServedModels now) {
        if (now.equals(served)) {
            return false;
        }
        served = now;
        var services = new HashMap<Need, Extent>();
        for (var holder : holders.values()) {
            takeOut(holder);
            holder.extent = services.computeIfAbsent(holder.claim.need(), served::extent);
            putIn(holder);
        }
        return true;
    }

    /**
     * Ends the claims that were not repeated.
     *
     * @return the jobs whose claims ended
     */
    public List<String> expire(long nowMillis) {
        var silent = holders.values().stream()
                .filter(holder -> nowMillis - holder.heardMillis >= LEASE.toMillis())
                .map(holder -> holder.job)
                .toList();
        silent.forEach(this::remove);
        return silent;
    }

    /**
     * Shares out what is free.
     *
     * @return the jobs that got something
     */
    public Set<String> grant() {
        var granted = new LinkedHashSet<String>();
        while (!hungry.isEmpty() && taken < places) {
            var tenant = hungry.getFirst();
            var next = tenant.hungry.getFirst();
            takeOut(next);
            hungry.remove(tenant);
            next.granted++;
            next.turn = turns++;
            tenant.turn = turns++;
            putIn(next);
            granted.add(next.job);
        }
        return granted;
    }

    public boolean knows(String job) {
        return holders.containsKey(job);
    }

    /** The jobs that have a claim, in the order of their first one. */
    public List<String> jobs() {
        return List.copyOf(holders.keySet());
    }

    /** The answer to the last claim of a job that has one. */
    public Allowance allowance(String job) {
        var holder = holders.get(job);
        return new Allowance(holder.claim.life(), holder.granted, lacking(holder));
    }

    private List<Lack> lacking(Holder holder) {
        var claim = holder.claim;
        if (claim.wanted() == 0) {
            return List.of();
        }
        var lacking = new ArrayList<>(served.lacking(claim.need()));
        if (holder.extent == Extent.FULL && holder.held() == 0) {
            lacking.add(new Lack(
                    Lack.PLACES, "at most " + places + " problems run at once on this coordinator: as many do"));
        }
        return lacking;
    }

    /** Places held by problems that workers can run. */
    public int taken() {
        return taken;
    }

    private void remove(String job) {
        var holder = holders.remove(job);
        if (holder != null) {
            takeOut(holder);
            tenants.computeIfPresent(holder.claim.tenant(), (name, tenant) -> tenant.jobs == 0 ? null : tenant);
        }
    }

    private void takeOut(Holder holder) {
        var tenant = tenants.get(holder.claim.tenant());
        hungry.remove(tenant);
        tenant.hungry.remove(holder);
        tenant.jobs--;
        tenant.counted -= holder.counted();
        taken -= holder.counted();
        if (!tenant.hungry.isEmpty()) {
            hungry.add(tenant);
        }
    }

    private void putIn(Holder holder) {
        var tenant = tenants.computeIfAbsent(holder.claim.tenant(), name -> newTenant());
        hungry.remove(tenant);
        tenant.jobs++;
        tenant.counted += holder.counted();
        taken += holder.counted();
        if (holder.hungry()) {
            tenant.hungry.add(holder);
        }
        if (!tenant.hungry.isEmpty()) {
            hungry.add(tenant);
        }
    }

    private Tenant newTenant() {
        var tenant = new Tenant();
        tenant.turn = turns++;
        return tenant;
    }
}
