package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.wire.SlotOffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The free slots of every worker, from totals that may come late, twice or never.
 *
 * <p>A worker says how many slots it ever offered; taken and returned slots are counted here:
 *
 * <pre>
 *     free = offered - taken - returned + lost
 * </pre>
 *
 * <p>"lost" are leases that were sent and never arrived, so that their slots are still free over there:
 *
 * <pre>
 *     lost = taken - received - on their way
 * </pre>
 *
 * <p>The worker's renewals say how many requests it ever received, and so do leases that are known to have
 * arrived, by a result or a renewal. A lease that is not known to have arrived may be on its way, but not for
 * longer than a lease lives. It is counted anew with each renewal, so that a request that was only slow is not
 * counted as lost for ever. A lease that is given up stays in these accounts.
 */
final class SlotAccounts {
    private static final class Account {
        long offered;
        long taken;
        long returned;
        long received;
        long arrived;
        long lost;
        boolean keep = true;
        boolean wantsWakeUp;
        final Map<Long, Long> onTheirWaySinceMillis = new LinkedHashMap<>();
    }

    private final long leaseMillis;
    private final Map<String, Account> accounts = new HashMap<>();

    /** @param leaseMillis how long a request may be on its way */
    SlotAccounts(long leaseMillis) {
        this.leaseMillis = leaseMillis;
    }

    /** A worker that is known already keeps its account. */
    void open(String workerId) {
        accounts.computeIfAbsent(workerId, id -> new Account());
    }

    void close(String workerId) {
        accounts.remove(workerId);
    }

    void offered(String workerId, SlotOffer offer) {
        var account = accounts.get(workerId);
        account.offered = Math.max(account.offered, offer.slotsOffered());
        account.keep = offer.keep();
    }

    void take(String workerId, long lease, long nowMillis) {
        var account = accounts.get(workerId);
        account.taken++;
        account.onTheirWaySinceMillis.put(lease, nowMillis);
    }

    /** The worker has the request. */
    void arrived(String workerId, long lease) {
        var account = accounts.get(workerId);
        if (account != null && account.onTheirWaySinceMillis.remove(lease) != null) {
            account.arrived++;
        }
    }

    /** A renewal came. */
    void renewed(String workerId, long requestsReceived, boolean keep, long nowMillis) {
        var account = accounts.get(workerId);
        account.received = Math.max(account.received, requestsReceived);
        account.onTheirWaySinceMillis.values().removeIf(since -> nowMillis - since >= leaseMillis);
        account.lost = Math.max(
                0, account.taken - Math.max(account.received, account.arrived) - account.onTheirWaySinceMillis.size());
        account.wantsWakeUp |= !keep;
    }

    int free(String workerId) {
        var account = accounts.get(workerId);
        return (int) Math.max(0, account.offered - account.taken - account.returned + account.lost);
    }

    // ---- slots that are shared with other dispatchers

    /** Whether idle slots may stay here. */
    boolean keeps(String workerId) {
        return accounts.get(workerId).keep;
    }

    long returned(String workerId) {
        return accounts.get(workerId).returned;
    }

    /**
     * Gives back so many slots.
     *
     * @return how many were ever given back
     */
    long passOn(String workerId, int slots) {
        var account = accounts.get(workerId);
        account.returned += slots;
        account.wantsWakeUp = true;
        return account.returned;
    }

    /** Whether the worker passed slots on and has to be told of work. */
    boolean wantsWakeUp(String workerId) {
        return accounts.get(workerId).wantsWakeUp;
    }

    void wokenUp(String workerId) {
        accounts.get(workerId).wantsWakeUp = false;
    }
}
