package cloudchamber.node;

import cloudchamber.coordinator.journal.MembershipStore;
import cloudchamber.coordinator.membership.ClusterView;
import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.coordinator.membership.Register;
import cloudchamber.protocol.wire.LeaseReply;
import cloudchamber.protocol.wire.LeaseRequest;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/** The authority of a coordinator: the register that it shares. */
public final class RegisterLeaseAuthority implements LeaseAuthority {
    /** Makes one change of the register at a time. */
    @FunctionalInterface
    public interface Changes {
        CompletionStage<LeaseReply> make(Function<Register, MembershipStore.Changed<LeaseReply>> change);
    }

    private final Changes changes;
    private final NodeId self;
    private final Supplier<ClusterView> view;
    private final Duration lifetime;

    /**
     * @param view the cluster, as the coordinator sees it then
     * @param lifetime of the lease, if it is not renewed
     */
    RegisterLeaseAuthority(Changes changes, NodeId self, Supplier<ClusterView> view, Duration lifetime) {
        this.changes = changes;
        this.self = self;
        this.view = view;
        this.lifetime = lifetime;
    }

    @Override
    public CompletionStage<LeaseReply> ask(LeaseRequest.Kind kind, NodeId holder, Set<NodeId> against) {
        return changes.make(register -> switch (kind) {
                    case CLAIM -> claimed(register, holder, against);
                    case RENEW -> new MembershipStore.Changed<>(register.held(holder, lifetime), LeaseReply.granted());
                    case RELEASE -> new MembershipStore.Changed<>(register.released(holder), LeaseReply.granted());
                })
                .exceptionally(unknown -> LeaseReply.undecided("the database does not answer: " + unknown));
    }

    private MembershipStore.Changed<LeaseReply> claimed(Register register, NodeId holder, Set<NodeId> against) {
        return switch (register.claim(self, holder, against, view.get(), lifetime)) {
            case Register.Claim.Granted(var changed) -> new MembershipStore.Changed<>(changed, LeaseReply.granted());
            case Register.Claim.Refused(var reason) ->
                new MembershipStore.Changed<>(register, LeaseReply.refused(reason));
            case Register.Claim.Undecided(var reason) ->
                new MembershipStore.Changed<>(register, LeaseReply.undecided(reason));
        };
    }
}
