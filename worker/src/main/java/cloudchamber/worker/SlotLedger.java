package cloudchamber.worker;

import cloudchamber.protocol.wire.SlotOffer;
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
     *
     * The account of a dispatcher that went out of sight is kept, for the same one may come back with the
     * same totals in its mind, and offers that began again at zero would mean nothing to it. What it still
     * has is free for others meanwhile; if it comes back, there may be more work than slots for a moment,
     * and nothing is offered until there is not.
     */
    private static final class Account {
        long offered;
        long received;
        long returned;
        boolean present;
        boolean asleep;

        long outstanding() {
            return Math.max(0, offered - received - returned);
        }
    }

    private final int slots;
    private final Map<D, Account> accounts = new LinkedHashMap<>();
    private int running;
    private int turn;

    SlotLedger(int slots) {
        this.slots = slots;
    }

    /** The dispatchers there are now; slots offered to one that is gone are free again. */
    void dispatchers(List<D> present) {
        present.forEach(dispatcher -> accounts.computeIfAbsent(dispatcher, name -> new Account()));
        accounts.forEach((dispatcher, account) -> account.present = present.contains(dispatcher));
    }

    /** One request came, with a slot of that dispatcher's. */
    void arrived(D dispatcher) {
        running++;
        var account = accounts.get(dispatcher);
        if (account != null) {
            account.received++;
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

    /** Gives every free slot to a dispatcher that is awake, in rotation: the new running totals. */
    Map<D, SlotOffer> offer() {
        boolean keep = keep();
        var awake = accounts.entrySet().stream()
                .filter(account -> account.getValue().present && (keep || !account.getValue().asleep))
                .toList();
        var offers = new LinkedHashMap<D, SlotOffer>();
        for (long free = free(); free > 0 && !awake.isEmpty(); free--) {
            var chosen = awake.get(Math.floorMod(turn++, awake.size()));
            chosen.getValue().offered++;
            offers.put(chosen.getKey(), new SlotOffer(chosen.getValue().offered, keep));
        }
        return offers;
    }

    /** Slots that neither run nor are offered; negative while there is more work than slots. */
    long free() {
        long free = slots - running;
        for (var account : accounts.values()) {
            free -= account.present ? account.outstanding() : 0;
        }
        return free;
    }

    /** Whether a dispatcher may keep slots it has no work for: there is no other. */
    boolean keep() {
        return dispatchers().size() == 1;
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

    /** Those that are present. */
    List<D> dispatchers() {
        return accounts.keySet().stream()
                .filter(dispatcher -> accounts.get(dispatcher).present)
                .toList();
    }
}
