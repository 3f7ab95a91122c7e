package cloudchamber.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A worker's half of the slot accounts: which dispatcher is offered which slots. Not safe for threads.
 *
 * @param <D> how a dispatcher is named
 */
final class SlotLedger<D> {
    /*
     * A slot is free, offered to one dispatcher, or running. Towards each dispatcher there are running
     * totals: offered (by us), received (requests that came), returned (by it). What it still has is
     *
     *     outstanding = offered - received - returned
     *
     * A single dispatcher keeps idle slots. Among several, an idle one passes its slots on and is asleep
     * until it says it has work; when all are asleep the slots stay with us.
     */
    private static final class Account {
        long offered;
        long received;
        long returned;
        boolean asleep;

        long outstanding() {
            return offered - received - returned;
        }
    }

    /** What to tell a dispatcher: the new running total. */
    record Offering<D>(D dispatcher, long slotsOffered, boolean keep) {}

    private final int slots;
    private final Map<D, Account> accounts = new LinkedHashMap<>();
    private int running;
    private int turn;

    SlotLedger(int slots) {
        this.slots = slots;
    }

    /** The dispatchers there are now; slots offered to one that is gone are free again. */
    void dispatchers(List<D> present) {
        accounts.keySet().retainAll(present);
        present.forEach(dispatcher -> accounts.computeIfAbsent(dispatcher, name -> new Account()));
    }

    void received(D dispatcher, int requests) {
        running += requests;
        var account = accounts.get(dispatcher);
        if (account != null) {
            account.received += requests;
        }
    }

    void finished() {
        running--;
    }

    void passedOn(D dispatcher, long slotsReturned) {
        var account = accounts.get(dispatcher);
        if (account != null && slotsReturned > account.returned) {
            account.returned = slotsReturned;
            account.asleep = true;
        }
    }

    void workAvailable(D dispatcher) {
        var account = accounts.get(dispatcher);
        if (account != null) {
            account.asleep = false;
        }
    }

    /** Gives every free slot to a dispatcher that is awake, in rotation. */
    List<Offering<D>> offer() {
        long free = slots - running;
        for (var account : accounts.values()) {
            free -= Math.max(0, account.outstanding());
        }
        var awake = accounts.entrySet().stream()
                .filter(account -> !account.getValue().asleep || accounts.size() == 1)
                .toList();
        var offerings = new LinkedHashMap<D, Offering<D>>();
        for (; free > 0 && !awake.isEmpty(); free--) {
            var chosen = awake.get(Math.floorMod(turn++, awake.size()));
            chosen.getValue().offered++;
            offerings.put(chosen.getKey(), new Offering<>(chosen.getKey(), chosen.getValue().offered, keep()));
        }
        return new ArrayList<>(offerings.values());
    }

    boolean keep() {
        return accounts.size() == 1;
    }

    long offered(D dispatcher) {
        return accounts.get(dispatcher).offered;
    }

    long returned(D dispatcher) {
        return accounts.get(dispatcher).returned;
    }

    long received(D dispatcher) {
        return accounts.get(dispatcher).received;
    }

    List<D> dispatchers() {
        return List.copyOf(accounts.keySet());
    }

    int running() {
        return running;
    }
}
