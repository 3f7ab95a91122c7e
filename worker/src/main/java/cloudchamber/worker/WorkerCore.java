package cloudchamber.worker;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WorkerStatus;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Everything a worker decides: what runs, what is answered, who is offered slots, which leases live.
 * Deterministic: time is passed in; no wire, no backend. Not safe for threads.
 *
 * @param <D> how a dispatcher is named
 * @param <A> where results go
 * @param <Q> a request
 * @param <R> its result
 */
public final class WorkerCore<D, A, Q, R> {

    /** Names a lease among all dispatchers. */
    public record LeaseName<D>(D dispatcher, long lease) {}

    /** What the machine wants done. */
    public sealed interface Effect<D, A, Q, R> {

        /** Start a request in the backend, and tell when it has {@link WorkerCore#finished}. */
        record Run<D, A, Q, R>(LeaseName<D> lease, Q request) implements Effect<D, A, Q, R> {}

        /** Nobody waits for this one. It still has to finish. */
        record CancelRun<D, A, Q, R>(LeaseName<D> lease) implements Effect<D, A, Q, R> {}

        /**
         * Send results.
         *
         * @param offer the slots that go with them; null for none
         */
        record Answer<D, A, Q, R>(A replyTo, List<R> results, SlotOffer offer) implements Effect<D, A, Q, R> {}

        /** Say who this worker is. */
        record Announce<D, A, Q, R>(D dispatcher) implements Effect<D, A, Q, R> {}

        /** Offer slots: the running total. */
        record Offer<D, A, Q, R>(D dispatcher, long slotsOffered, boolean keep) implements Effect<D, A, Q, R> {}

        /** Say which leases live. */
        record Renew<D, A, Q, R>(
                D dispatcher,
                long slotsOffered,
                long slotsReturned,
                long requestsReceived,
                boolean keep,
                List<Long> leases,
                WorkerStatus status)
                implements Effect<D, A, Q, R> {}

        /** All is answered; stop. */
        record Stop<D, A, Q, R>() implements Effect<D, A, Q, R> {}
    }

    private record Running<A, Q>(Q request, A replyTo) {}

    /** Where results go, and whose slots they free. */
    private record Address<D, A>(D dispatcher, A replyTo) {}

    private static final Refusal STOPPING =
            new Refusal(Category.STOPPING, "the worker is draining and takes no new work");
    private static final Refusal PREFIX_UNKNOWN =
            new Refusal(Category.PREFIX_UNKNOWN, "the worker does not hold the prefix: send it whole");
    /** After as many a dispatcher has given up its leases itself. */
    private static final int MAX_RENEWALS_MISSED = 5;

    private static final int REMEMBERED_LEASES = 1 << 14;
    private static final long MAX_HELD_BYTES = 64L << 20;

    private final String model;
    private final Requests<Q, R, ?> requests;
    private final SlotLedger<D> ledger;
    private final PrefixStore held = new PrefixStore(MAX_HELD_BYTES);
    private final Map<LeaseName<D>, Running<A, Q>> running = new LinkedHashMap<>();
    private final Set<LeaseName<D>> seen = new LinkedHashSet<>();
    private final Map<Address<D, A>, List<R>> answers = new LinkedHashMap<>();
    private final Map<D, Integer> renewalsMissed = new LinkedHashMap<>();
    private Usage used = Usage.NONE;
    private long completed;
    private long refused;
    private String lastError = "";
    private long lastErrorAtMillis;
    private final LongSupplier clockMillis;
    private boolean draining;

    /**
     * @param model what the worker serves
     * @param slots how many requests may run at once
     * @param clockMillis milliseconds since 1970, for the time of the last error
     */
    public WorkerCore(String model, int slots, Requests<Q, R, ?> requests, LongSupplier clockMillis) {
        this.clockMillis = clockMillis;
        this.model = model;
        this.requests = requests;
        this.ledger = new SlotLedger<>(slots);
    }

    // ---- dispatchers

    /** Who is there now. */
    public List<Effect<D, A, Q, R>> dispatchers(List<D> present) {
        var known = ledger.dispatchers();
        ledger.dispatchers(present);
        var effects = new ArrayList<Effect<D, A, Q, R>>();
        present.stream()
                .filter(dispatcher -> !known.contains(dispatcher))
                .forEach(dispatcher -> effects.add(new Effect.Announce<>(dispatcher)));
        return withOffers(effects);
    }

    public List<Effect<D, A, Q, R>> passedOn(D dispatcher, long slotsReturned) {
        ledger.passedOn(dispatcher, slotsReturned);
        return withOffers(List.of());
    }

    public List<Effect<D, A, Q, R>> workAvailable(D dispatcher) {
        ledger.workAvailable(dispatcher);
        return withOffers(List.of());
    }

    public List<Effect<D, A, Q, R>> announceAgain(D dispatcher) {
        return withOffers(List.of(new Effect.Announce<>(dispatcher)));
    }

    // ---- work

    /** Requests came. One that came before changes nothing. */
    public List<Effect<D, A, Q, R>> received(D dispatcher, A replyTo, List<Q> batch) {
        var effects = new ArrayList<Effect<D, A, Q, R>>();
        for (var request : batch) {
            var lease = new LeaseName<>(dispatcher, requests.lease(request));
            if (seen.add(lease)) {
                forgetOldLeases();
                ledger.arrived(dispatcher);
                start(lease, request, replyTo, effects);
            }
        }
        return withOffers(effects);
    }

    private void start(LeaseName<D> lease, Q request, A replyTo, List<Effect<D, A, Q, R>> effects) {
        var address = new Address<>(lease.dispatcher(), replyTo);
        if (draining) {
            answer(address, requests.refuse(request, STOPPING));
            return;
        }
        if (!requests.model(request).equals(model)) {
            answer(
                    address,
                    requests.refuse(
                            request,
                            new Refusal(
                                    Category.MODEL_UNKNOWN,
                                    "this worker serves [" + model + "]: was asked for [" + requests.model(request)
                                            + "]")));
            return;
        }
        var whole = requests.whole(request, held);
        if (whole.isEmpty()) {
            answer(address, requests.refuse(request, PREFIX_UNKNOWN));
            return;
        }
        running.put(lease, new Running<>(whole.get(), replyTo));
        effects.add(new Effect.Run<>(lease, whole.get()));
    }

    private void forgetOldLeases() {
        if (seen.size() > REMEMBERED_LEASES) {
            var oldest = seen.iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** Nobody waits for these any more. */
    public List<Effect<D, A, Q, R>> cancelled(D dispatcher, List<Long> leases) {
        var effects = new ArrayList<Effect<D, A, Q, R>>();
        for (var lease : leases) {
            var name = new LeaseName<>(dispatcher, lease);
            if (running.containsKey(name)) {
                effects.add(new Effect.CancelRun<>(name));
            }
        }
        return withOffers(effects);
    }

    /** A request ended with a result; it leaves, and its slot is offered again, with the next {@link #flush}. */
    public List<Effect<D, A, Q, R>> finished(LeaseName<D> lease, R result) {
        var ended = running.remove(lease);
        if (ended != null) {
            var sized = requests.sized(ended.request(), result);
            requests.keep(ended.request(), sized, held);
            answer(new Address<>(lease.dispatcher(), ended.replyTo()), sized);
        }
        return List.of();
    }

    /** A request ended without one: it was cancelled, or the backend broke. */
    public List<Effect<D, A, Q, R>> broken(LeaseName<D> lease, Refusal refusal) {
        var ended = running.get(lease);
        return ended == null ? List.of() : finished(lease, requests.refuse(ended.request(), refusal));
    }

    /** Counts a result and queues it; results that end together travel together. */
    private void answer(Address<D, A> address, R result) {
        ledger.finished();
        used = used.plus(requests.usage(result));
        var refusal = requests.refusal(result);
        if (refusal.isEmpty()) {
            completed++;
            clearError();
        } else {
            refused++;
            refusal.filter(WorkerCore::isError).ifPresent(error -> {
                lastError = error.detail();
                lastErrorAtMillis = clockMillis.getAsLong();
            });
        }
        answers.computeIfAbsent(address, first -> new ArrayList<>()).add(result);
    }

    private void clearError() {
        lastError = "";
        lastErrorAtMillis = 0;
    }

    /** Whether a refusal says that something is wrong; a prefix that is not held or a worker that stops is usual. */
    private static boolean isError(Refusal refusal) {
        return switch (refusal.category()) {
            case PREFIX_UNKNOWN, STOPPING -> false;
            case OVERLOADED,
                    BACKEND_UNAVAILABLE,
                    BACKEND_INVALID,
                    MODEL_UNKNOWN,
                    TIMED_OUT,
                    CONTEXT_OVERFLOW,
                    INVALID_REQUEST -> true;
        };
    }

    /** Whether results wait to be sent. */
    public boolean mustFlush() {
        return !answers.isEmpty();
    }

    /** Sends what waits, in pieces that a wire takes, and the slots it frees with it. */
    public List<Effect<D, A, Q, R>> flush() {
        var effects = new ArrayList<Effect<D, A, Q, R>>();
        var offers = offers();
        answers.forEach((address, results) -> {
            var piece = new ArrayList<R>();
            long bytes = 0;
            for (var result : results) {
                long more = requests.bytes(result);
                if (!piece.isEmpty() && bytes + more > WireLimits.MAX_BATCH_BYTES) {
                    effects.add(new Effect.Answer<>(address.replyTo(), List.copyOf(piece), null));
                    piece.clear();
                    bytes = 0;
                }
                piece.add(result);
                bytes += more;
            }
            effects.add(
                    new Effect.Answer<>(address.replyTo(), List.copyOf(piece), offers.remove(address.dispatcher())));
        });
        answers.clear();
        return withOffers(effects, offers);
    }

    // ---- life

    /** Says to every dispatcher which of its leases live. */
    public List<Effect<D, A, Q, R>> renew() {
        var status = new WorkerStatus(
                running.size(),
                completed,
                refused,
                used.promptTokens(),
                used.cachedTokens(),
                used.completionTokens(),
                lastError,
                lastErrorAtMillis,
                draining);
        var effects = new ArrayList<Effect<D, A, Q, R>>();
        for (var dispatcher : ledger.dispatchers()) {
            var leases = running.keySet().stream()
                    .filter(lease -> lease.dispatcher().equals(dispatcher))
                    .map(LeaseName::lease)
                    .toList();
            effects.add(new Effect.Renew<>(
                    dispatcher,
                    ledger.offered(dispatcher),
                    ledger.returned(dispatcher),
                    ledger.received(dispatcher),
                    ledger.keep(),
                    leases,
                    status));
        }
        effects.addAll(cancelAbandoned());
        return withOffers(effects);
    }

    /** What a dispatcher that is gone asked for, nobody waits for; one that comes back asks again. */
    private List<Effect<D, A, Q, R>> cancelAbandoned() {
        var present = ledger.dispatchers();
        renewalsMissed.keySet().removeIf(present::contains);
        var abandoned = new LinkedHashSet<D>();
        for (var lease : running.keySet()) {
            if (!present.contains(lease.dispatcher())) {
                abandoned.add(lease.dispatcher());
            }
        }
        renewalsMissed.keySet().retainAll(abandoned);
        abandoned.removeIf(dispatcher -> renewalsMissed.merge(dispatcher, 1, Integer::sum) < MAX_RENEWALS_MISSED);
        return running.keySet().stream()
                .filter(lease -> abandoned.contains(lease.dispatcher()))
                .<Effect<D, A, Q, R>>map(Effect.CancelRun::new)
                .toList();
    }

    /** Takes nothing new from now on, and stops when all is answered. */
    public List<Effect<D, A, Q, R>> drain() {
        draining = true;
        return renew();
    }

    /** Requests under way. */
    public int running() {
        return running.size();
    }

    public List<D> dispatchers() {
        return ledger.dispatchers();
    }

    /** While results wait to be sent, slots wait to go with them. */
    private List<Effect<D, A, Q, R>> withOffers(List<Effect<D, A, Q, R>> effects) {
        return withOffers(effects, answers.isEmpty() ? offers() : Map.of());
    }

    private List<Effect<D, A, Q, R>> withOffers(List<Effect<D, A, Q, R>> effects, Map<D, SlotOffer> offers) {
        var all = new ArrayList<>(effects);
        offers.forEach(
                (dispatcher, offer) -> all.add(new Effect.Offer<>(dispatcher, offer.slotsOffered(), offer.keep())));
        if (draining && running.isEmpty() && answers.isEmpty()) {
            all.add(new Effect.Stop<>());
        }
        return all;
    }

    private Map<D, SlotOffer> offers() {
        return draining ? new LinkedHashMap<>() : ledger.offer();
    }
}
