package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.membership.ClusterView;
import cloudchamber.coordinator.membership.NodeId;
import cloudchamber.coordinator.membership.Register;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The register as a database keeps it. */
abstract class MembershipStoreContract {
    private static final NodeId FIRST = new NodeId("10.0.0.1:7355", 1);
    private static final NodeId SECOND = new NodeId("10.0.0.2:7355", -2);
    private static final Duration LIFETIME = Duration.ofSeconds(5);

    /** Of an empty database with the tables of this version. */
    abstract StorageSettings settings() throws Exception;

    @Test
    void whatIsChangedIsThereForEverybodyByTheDatabasesClock() throws Exception {
        var settings = settings();
        try (var one = MembershipStore.open(settings);
                var other = MembershipStore.open(settings)) {
            var before = get(other, UnaryOperator.identity());
            assertThat(before).isEqualTo(Register.empty(before.nowMillis()));

            var founded = get(
                    one,
                    register -> register.renewed(FIRST, "1", 0, Set.of())
                            .founded(FIRST, "1", 0, 0)
                            .orElseThrow());
            get(other, register -> register.renewed(SECOND, "2", 0, Set.of(FIRST)));
            var view = new ClusterView(ClusterView.Standing.MEMBER, Set.of(FIRST, SECOND), Set.of(FIRST));
            get(
                    one,
                    register -> register.claim(FIRST, FIRST, Set.of(SECOND), view, LIFETIME)
                                    instanceof Register.Claim.Granted(var granted)
                            ? granted
                            : register);

            var seen = get(other, UnaryOperator.identity());
            assertThat(seen.epoch()).isEqualTo(1);
            assertThat(seen.founder()).contains(FIRST);
            assertThat(seen.hold().orElseThrow().holder()).isEqualTo(FIRST);
            assertThat(seen.hold().orElseThrow().untilMillis())
                    .isBetween(founded.nowMillis() + 5000, seen.nowMillis() + 5000);
            assertThat(seen.entries())
                    .extracting(
                            Register.Entry::node, Register.Entry::epoch, Register.Entry::down, Register.Entry::version)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(FIRST, 1L, false, "1"),
                            org.assertj.core.groups.Tuple.tuple(SECOND, 1L, true, "2"));
            get(one, register -> register.released(FIRST).without(FIRST));
            var last = get(other, UnaryOperator.identity());
            assertThat(last.hold()).isEmpty();
            assertThat(last.entry(FIRST)).isEmpty();
        }
    }

    /** Each founder bases its attempt on the same epoch; one of them gets it. */
    @Test
    void ofManyFoundersOneSucceeds() throws Exception {
        var settings = settings();
        var stores = new ArrayList<MembershipStore>();
        try {
            var attempts = new ArrayList<CompletionStage<Boolean>>();
            for (int number = 0; number < 8; number++) {
                var node = new NodeId("10.0.0." + number + ":7355", number);
                var store = MembershipStore.open(settings);
                stores.add(store);
                attempts.add(store.change(register -> register.founded(node, "1", 0, 0)
                        .map(founded -> new MembershipStore.Changed<>(founded, true))
                        .orElseGet(() -> new MembershipStore.Changed<>(register, false))));
            }
            int founded = 0;
            for (var attempt : attempts) {
                founded += attempt.toCompletableFuture().get() ? 1 : 0;
            }

            assertThat(founded).isEqualTo(1);
        } finally {
            stores.forEach(MembershipStore::close);
        }
    }

    private static Register get(MembershipStore store, UnaryOperator<Register> change) throws Exception {
        return store.change(register -> {
                    var changed = change.apply(register);
                    return new MembershipStore.Changed<>(changed, changed);
                })
                .toCompletableFuture()
                .get();
    }
}
