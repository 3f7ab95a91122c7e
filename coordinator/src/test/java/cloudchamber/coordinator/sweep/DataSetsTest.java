package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.sweep.DataSets.PutResult;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DataSetsTest {
    private static final ActorTestKit KIT = ActorTestKit.create(PersistenceTestKitPlugin.getInstance()
            .config()
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private static final AtomicLong NEXT = new AtomicLong();
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final List<DataSet.Item> ITEMS = IntStream.range(0, 5)
            .mapToObj(number -> new DataSet.Item("p" + number, "What is " + number + "?", "" + number, Map.of()))
            .toList();
    private static final DataSet.Summary SUMMARY = new DataSet.Summary("set", "abc", "math", "Be brief.", 5);

    private final String id = "all-" + NEXT.getAndIncrement();
    private ActorRef<DataSets.Command> dataSets = KIT.spawn(DataSets.create(id, () -> 1L));

    @AfterEach
    void stop() {
        KIT.stop(dataSets);
    }

    @AfterAll
    static void stopAll() {
        KIT.shutdownTestKit();
    }

    @Test
    void aDataSetIsThereWhenItsLastPartIsAndAfterACrash() {
        assertThat(put(0, 2)).isEqualTo(PutResult.PART);
        assertThat(list()).isEmpty();
        assertThat(put(2, 5)).isEqualTo(PutResult.STORED);
        assertThat(list()).containsExactly(SUMMARY);

        KIT.stop(dataSets);
        dataSets = KIT.spawn(DataSets.create(id, () -> 1L));
        assertThat(list()).containsExactly(SUMMARY);
        assertThat(items()).isEqualTo(ITEMS);
    }

    @Test
    void aPartThatDoesNotFollowIsRefusedAndNothingIsKept() {
        assertThat(put(0, 2)).isEqualTo(PutResult.PART);
        assertThat(put(3, 5)).isEqualTo(PutResult.OUT_OF_ORDER);
        assertThat(list()).isEmpty();
        assertThat(put(0, 5)).isEqualTo(PutResult.STORED);
    }

    @Test
    void partsFitAMessageAndAlwaysGoOn() {
        var large = new DataSet.Item("p", "x".repeat(150_000), "1", Map.of());
        assertThat(DataSets.partEnd(List.of(large, large, large), 0)).isEqualTo(1);
        assertThat(DataSets.partEnd(ITEMS, 0)).isEqualTo(5);
        assertThat(DataSets.partEnd(ITEMS, 5)).isEqualTo(5);
    }

    private PutResult put(int from, int to) {
        var probe = KIT.<DataSets.PutReply>createTestProbe();
        dataSets.tell(new DataSets.Put(SUMMARY, from, ITEMS.subList(from, to), probe.getRef()));
        return probe.receiveMessage(LIMIT).result();
    }

    private List<DataSet.Summary> list() {
        var probe = KIT.<DataSets.ListReply>createTestProbe();
        dataSets.tell(new DataSets.GetList(probe.getRef()));
        return probe.receiveMessage(LIMIT).dataSets();
    }

    private List<DataSet.Item> items() {
        var items = new ArrayList<DataSet.Item>();
        while (true) {
            var probe = KIT.<DataSets.PartReply>createTestProbe();
            dataSets.tell(new DataSets.GetPart("set", items.size(), probe.getRef()));
            var part = probe.receiveMessage(LIMIT).items();
            if (part.isEmpty()) {
                return items;
            }
            items.addAll(part);
        }
    }
}
