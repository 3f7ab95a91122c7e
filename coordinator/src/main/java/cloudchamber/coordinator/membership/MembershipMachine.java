package cloudchamber.coordinator.membership;

import cloudchamber.coordinator.membership.ClusterView.Standing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The membership of one life of a coordinator: which cluster it joins, when it forms one, and when it goes down.
 *
 * <p>A member is taken for dead when its entry was not renewed for {@link MembershipSettings#silence} while the
 * database answered without a gap. The time is this node's own, from one answer to the next, so that neither the
 * clocks of nodes nor an outage of the database make a member look dead. A mistake costs a restart of the older
 * cluster and no more: its epoch is behind then.
 *
 * @param epoch of the cluster it is a member of; 0 outside
 * @param answeredAtMillis when the database answered last
 * @param heard what each entry showed, and since when
 * @param contacts that it asks to be let in; empty if it asks none
 * @param undecidedSinceMillis since when it is inside without being a member of the database's cluster
 */
public record MembershipMachine(
        MembershipSettings settings,
        NodeId self,
        long epoch,
        OptionalLong answeredAtMillis,
        Map<NodeId, Heard> heard,
        List<String> contacts,
        OptionalLong undecidedSinceMillis) {

    /**
     * A renewal of an entry.
     *
     * @param seenAtMillis by the database's clock
     * @param sinceMillis when this node saw it first
     */
    public record Heard(long seenAtMillis, long sinceMillis) {}

    /** What the machine is told. Times are of this node's own clock, which never goes back. */
    public sealed interface Input {
        /** The database has renewed the entry of this node and answered with all of them. */
        record Renewed(Register register, ClusterView view) implements Input {}

        /** The attempt to found a cluster succeeded, and this is its epoch. */
        record Founded(long epoch) implements Input {}

        /** The database did not answer. */
        record Unanswered() implements Input {}
    }

    /** The machine after an input, and what to do. */
    public record Step(MembershipMachine machine, Action action) {}

    public MembershipMachine {
        heard = Map.copyOf(heard);
        contacts = List.copyOf(contacts);
    }

    /** Of a node that has just started. */
    public static MembershipMachine start(MembershipSettings settings, NodeId self) {
        return new MembershipMachine(
                settings, self, 0, OptionalLong.empty(), Map.of(), List.of(), OptionalLong.empty());
    }

    /** @param nowMillis of this node's own clock */
    public Step on(Input input, long nowMillis) {
        return switch (input) {
            case Input.Renewed(var register, var view) -> renewed(register, view, nowMillis);
            case Input.Founded(long founded) -> new Step(within(founded), new Action.Form());
            case Input.Unanswered() -> new Step(this, new Action.Wait("the database does not answer"));
        };
    }

    private Step renewed(Register register, ClusterView view, long nowMillis) {
        var listened = listened(register, nowMillis);
        var own = register.entry(self);
        long known = own.map(Register.Entry::epoch).orElse(epoch);
        return view.standing() == Standing.OUTSIDE
                ? listened.outside(register, known, nowMillis)
                : listened.within(known).inside(register, view.standing(), nowMillis);
    }

    // ---- outside

    private Step outside(Register register, long known, long nowMillis) {
        if (known > 0
                && known == register.epoch()
                && register.founder().filter(self::equals).isPresent()) {
            // It has founded the cluster, and may not have heard so.
            return new Step(within(known), new Action.Form());
        }
        var living = register.members()
                .filter(entry -> !entry.node().equals(self))
                .filter(entry -> nowMillis - heard.get(entry.node()).sinceMillis()
                        < settings.silence().toMillis())
                .map(entry -> entry.node().address())
                .toList();
        if (living.isEmpty()) {
            long lastSeen = register.members()
                    .mapToLong(Register.Entry::seenAtMillis)
                    .max()
                    .orElse(0);
            return new Step(asking(List.of()), new Action.Found(register.epoch(), lastSeen));
        }
        return living.equals(contacts)
                ? new Step(this, new Action.Wait("members of the cluster were asked to let this node in: " + living))
                : new Step(asking(living), new Action.Join(living));
    }

    // ---- inside

    private Step inside(Register register, Standing standing, long nowMillis) {
        if (register.entry(self).filter(Register.Entry::down).isPresent()) {
            return new Step(this, new Action.GoDown("another side of the cluster declared this node down"));
        }
        if (epoch > 0 && epoch < register.epoch()) {
            return new Step(
                    this,
                    new Action.GoDown("a newer cluster was formed on this database: epoch " + register.epoch()
                            + " after " + epoch));
        }
        if (epoch > 0 && standing == Standing.MEMBER) {
            return new Step(decided(OptionalLong.empty()), new Action.Wait("a member"));
        }
        long since = undecidedSinceMillis.orElse(nowMillis);
        var limit = epoch > 0 ? settings.undecided() : settings.silence();
        var reason = epoch > 0
                ? "the members do not agree on this node"
                : "the database knows no cluster with these members";
        return new Step(
                decided(OptionalLong.of(since)),
                nowMillis - since >= settings.undecided().toMillis()
                        ? new Action.GoDown(
                                reason + " for " + settings.undecided().toSeconds() + " s")
                        : new Action.Wait(reason));
    }

    // ---- what is remembered

    /** Notes which entries were renewed; after a gap in the answers all count as renewed. */
    private MembershipMachine listened(Register register, long nowMillis) {
        boolean gap = answeredAtMillis.isEmpty()
                || nowMillis - answeredAtMillis.getAsLong() > settings.gap().toMillis();
        var now = new HashMap<NodeId, Heard>();
        for (var entry : register.entries()) {
            var before = heard.get(entry.node());
            boolean renewed = before == null || before.seenAtMillis() != entry.seenAtMillis();
            now.put(entry.node(), gap || renewed ? new Heard(entry.seenAtMillis(), nowMillis) : before);
        }
        return new MembershipMachine(
                settings, self, epoch, OptionalLong.of(nowMillis), now, contacts, undecidedSinceMillis);
    }

    private MembershipMachine within(long changed) {
        return new MembershipMachine(settings, self, changed, answeredAtMillis, heard, contacts, undecidedSinceMillis);
    }

    private MembershipMachine asking(List<String> changed) {
        return new MembershipMachine(settings, self, epoch, answeredAtMillis, heard, changed, undecidedSinceMillis);
    }

    private MembershipMachine decided(OptionalLong changed) {
        return new MembershipMachine(settings, self, epoch, answeredAtMillis, heard, contacts, changed);
    }
}
