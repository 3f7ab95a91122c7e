package cloudchamber.coordinator.job;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * A number of places, shared out among those who want some: each next one goes to whoever has the fewest for its
 * weight, of several to the one that got none for the longest. A place is never taken away.
 */
final class Shares<K> {

    /** @param places how many more */
    record Grant<K>(K to, long life, int places) {}

    private static final class Holder<K> {
        private final K key;
        private final long life;
        private int wanted;
        private double weight;
        private int held;
        private long turn;

        private Holder(K key, long life) {
            this.key = key;
            this.life = life;
        }

        private double share() {
            return held / weight;
        }

        private long turn() {
            return turn;
        }
    }

    private final int places;
    private final Map<K, Holder<K>> holders = new HashMap<>();
    private final TreeSet<Holder<K>> hungry =
            new TreeSet<>(Comparator.<Holder<K>>comparingDouble(Holder::share).thenComparingLong(Holder::turn));
    private int taken;
    private long turns;

    Shares(int places) {
        this.places = places;
    }

    /**
     * Somebody wants to have so many places in all.
     *
     * @param life a later one than before gives back what was held; an earlier one is not heard
     * @param weight positive
     * @return whether it was unknown before
     */
    boolean want(K key, long life, int wanted, double weight) {
        var known = holders.get(key);
        if (known != null && known.life > life) {
            return false;
        }
        if (known == null || known.life < life) {
            remove(key);
            var fresh = new Holder<>(key, life);
            fresh.turn = turns++;
            holders.put(key, fresh);
        }
        var holder = holders.get(key);
        hungry.remove(holder);
        holder.wanted = wanted;
        holder.weight = weight;
        queue(holder);
        return known == null;
    }

    /** One place is free again. */
    void giveBack(K key, long life) {
        var holder = holders.get(key);
        if (holder != null && holder.life == life && holder.held > 0) {
            hungry.remove(holder);
            holder.held--;
            taken--;
            queue(holder);
        }
    }

    /** All that it has is free again. */
    void remove(K key) {
        var holder = holders.remove(key);
        if (holder != null) {
            hungry.remove(holder);
            taken -= holder.held;
        }
    }

    int taken() {
        return taken;
    }

    /** Shares out what is free. */
    List<Grant<K>> grant() {
        var granted = new LinkedHashMap<Holder<K>, Integer>();
        while (taken < places && !hungry.isEmpty()) {
            var next = hungry.removeFirst();
            next.held++;
            next.turn = turns++;
            taken++;
            granted.merge(next, 1, Integer::sum);
            queue(next);
        }
        var grants = new ArrayList<Grant<K>>();
        granted.forEach((holder, more) -> grants.add(new Grant<>(holder.key, holder.life, more)));
        return grants;
    }

    private void queue(Holder<K> holder) {
        if (holder.held < holder.wanted) {
            hungry.add(holder);
        }
    }
}
