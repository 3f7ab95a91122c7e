package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.StepKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pieces of work that have no result yet, and who holds the prefixes of their problems. */
final class OpenWork {
    private record ProblemId(String job, String problem) {
        static ProblemId of(StepKey key) {
            return new ProblemId(key.job(), key.problem());
        }
    }

    private final Map<StepKey, Piece> pieces = new LinkedHashMap<>();
    private final Map<ProblemId, PrefixHolders> holders = new HashMap<>();
    private long nextArrival;

    /** @param clock the reading of its model's clock */
    Piece add(Work work, long order, double weight, long patienceMillis, long clock, long nowMillis) {
        var held = holders.computeIfAbsent(ProblemId.of(work.key()), problem -> new PrefixHolders());
        held.learn(work);
        var piece = new Piece(work, order, weight, patienceMillis, nextArrival++, nowMillis, clock, held);
        pieces.put(work.key(), piece);
        return piece;
    }

    boolean contains(StepKey key) {
        return pieces.containsKey(key);
    }

    int size() {
        return pieces.size();
    }

    /** The pieces that nobody works on. */
    List<Piece> waiting() {
        return pieces.values().stream().filter(piece -> !piece.isLeased()).toList();
    }

    /** @return the piece; null if it has ended */
    Piece remove(StepKey key) {
        return pieces.remove(key);
    }

    /** Forgets a problem, with who holds its prefixes. */
    List<Piece> removeAll(String job, String problem) {
        var id = new ProblemId(job, problem);
        var gone = pieces.values().stream()
                .filter(piece -> ProblemId.of(piece.work.key()).equals(id))
                .toList();
        gone.forEach(piece -> pieces.remove(piece.work.key()));
        holders.remove(id);
        return gone;
    }

    /** A worker is gone, with all that it held. */
    void forgetHolder(String workerId) {
        holders.values().forEach(held -> held.forget(workerId));
    }
}
