package cloudchamber.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlotTimeTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path folder;

    /** Two policy workers of four slots and one PRM worker of eight, looked at once a second. */
    private static JsonNode cluster(int running, long tokens, int scoring, long scored) {
        var cluster = ApiClient.JSON.createObjectNode();
        var workers = cluster.putArray("workers");
        for (int worker = 0; worker < 2; worker++) {
            workers.addObject()
                    .put("workerId", "policy-" + worker)
                    .put("role", "policy")
                    .put("model", "small")
                    .put("slots", 4)
                    .put("running", running)
                    .putObject("tokens")
                    .put("prompt", tokens / 2)
                    .put("cached", 1_000_000)
                    .put("completion", tokens - tokens / 2);
        }
        workers.addObject()
                .put("workerId", "prm-0")
                .put("role", "prm")
                .put("model", "judge")
                .put("slots", 8)
                .put("running", scoring)
                .putObject("tokens")
                .put("prompt", scored)
                .put("completion", 0);
        return cluster;
    }

    private static SlotTime measured() {
        var time = new SlotTime();
        time.look(cluster(4, 1_000, 2, 500), 7 * SECOND);
        time.look(cluster(4, 1_040, 2, 600), 8 * SECOND);
        time.look(cluster(2, 1_080, 2, 700), 9 * SECOND);
        return time;
    }

    /** 2 · (4 + 3) busy slot-seconds for 160 tokens, and 4 for 200. */
    @Test
    void tokensCostWhatTheyTookSlots() {
        assertThat(measured().slotSeconds("small", 320, "judge", 50).getAsDouble())
                .isCloseTo(28 + 1, within(1e-9));
        assertThat(measured().slotSeconds("small", 320, "unknown", 0).getAsDouble())
                .isCloseTo(28, within(1e-9));
        assertThat(measured().slotSeconds("unknown", 320, "judge", 0)).isEmpty();
    }

    @Test
    void gpusAreSharedByTheSlotsOfTheirModel() {
        var nodes = JsonNodeFactory.instance;

        assertThat(measured()
                        .gpuSeconds("small", 320, "judge", 50, model -> nodes.numberNode(model.equals("small") ? 2 : 4))
                        .getAsDouble())
                .isCloseTo(28 * 2 / 8.0 + 1 * 4 / 8.0, within(1e-9));
        assertThat(measured().gpuSeconds("small", 320, "judge", 50, model -> nodes.missingNode()))
                .isEmpty();
    }

    @Test
    void aWorkerThatStartedAnewAndATimeNobodyLookedDoNotCount() {
        var time = measured();
        time.look(cluster(4, 10, 2, 0), 10 * SECOND);
        time.look(cluster(4, 50, 2, 100), 100 * SECOND);

        assertThat(time.slotSeconds("small", 320, "judge", 50))
                .isEqualTo(measured().slotSeconds("small", 320, "judge", 50));
    }

    @Test
    void whatWasMeasuredIsKeptAndAddedTo() {
        measured().keep(folder);
        var again = SlotTime.at(folder);

        assertThat(again.slotSeconds("small", 320, "judge", 50))
                .isEqualTo(measured().slotSeconds("small", 320, "judge", 50));
        again.look(cluster(0, 0, 0, 0), 0);
        again.look(cluster(0, 80, 0, 0), SECOND);
        assertThat(again.slotSeconds("small", 320, "judge", 0).getAsDouble()).isCloseTo(14, within(1e-9));
    }
}
