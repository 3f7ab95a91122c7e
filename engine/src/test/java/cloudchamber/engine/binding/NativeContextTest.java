package cloudchamber.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.binding.NativeContext.KeptSequence;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.protocol.model.CounterRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The native layer by itself: what it refuses, and that its cells are where it thinks they are. */
@ParameterizedClass
@EnumSource(TestLibrary.class)
class NativeContextTest {
    private final NativeModel model;
    private final NativeContext context;
    private final TokenBatch batch = new TokenBatch(128);

    NativeContextTest(TestLibrary library) {
        model = NativeModel.load(NativeLibrary.get(library.choice()), Models.file(RandomLlama.TINY));
        context = new NativeContext(model, 512, 4, 128, 1);
    }

    @AfterEach
    void close() {
        context.close();
        model.close();
    }

    /** Decodes {@code count} tokens of stream {@code key} at the end of a sequence; the last one's logits. */
    private float[] read(int sequence, long key, int count) {
        return read(context, sequence, key, count);
    }

    private float[] read(NativeContext context, int sequence, long key, int count) {
        batch.clear();
        int start = context.length(sequence);
        for (int index = 0; index < count; index++) {
            batch.add(token(key, start + index), start + index, sequence, index == count - 1);
        }
        context.decode(batch);
        var row = new float[model.vocabularySize()];
        context.logits(count - 1, row);
        return row;
    }

    private static int token(long key, int position) {
        return 3 + (int) (CounterRandom.uniform(key, position) * 300);
    }

    @Test
    void whatTheLibraryWouldDieOfIsRefused() {
        read(0, 1, 5);

        assertRefused(batch(3, 6, 0), "the next position of sequence 0 must be 5: was 6");
        assertRefused(batch(3, 4, 0), "the next position of sequence 0 must be 5: was 4");
        assertRefused(batch(3, 0, 4), "Index 4 out of bounds for length 4");
        assertRefused(batch(-1, 5, 0), "Index -1 out of bounds");
        assertRefused(batch(1_000_000, 5, 0), "Index 1000000 out of bounds");
        batch.clear();
        assertRefused(batch, "a batch must hold 1 to 128 tokens: was 0");
        assertThatThrownBy(() -> context.logits(3, new float[model.vocabularySize()]))
                .hasMessageContaining("must be asked for");
        assertThatThrownBy(() -> context.logits(4, new float[7])).hasMessageContaining("as long as the vocabulary");
        assertThatThrownBy(() -> context.fork(0, 1, 6)).hasMessageContaining("must share 1 to all positions: was 6");
        assertThatThrownBy(() -> context.fork(0, 0, 2)).hasMessageContaining("must be empty: was 5");
        assertThatThrownBy(() -> context.truncate(0, 6)).hasMessageContaining("can only become shorter");
        assertThat(context.length(0)).isEqualTo(5);
    }

    private TokenBatch batch(int token, int position, int sequence) {
        batch.clear();
        batch.add(token, position, sequence, false);
        return batch;
    }

    private void assertRefused(TokenBatch batch, String message) {
        assertThatThrownBy(() -> context.decode(batch))
                .isInstanceOfAny(IllegalArgumentException.class, IndexOutOfBoundsException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aFullContextRefusesBeforeTheLibraryDoes() {
        for (int part = 0; part < 4; part++) {
            read(part, part, 128);
        }

        assertThat(context.freeCells()).isZero();
        assertRefused(batch(3, 128, 0), "a batch must fit the 0 free cells: was 1");
    }

    /** The library's count of cells is ours after every operation. */
    @Test
    void cellsAreCountedAsTheLibraryCountsThem() {
        read(0, 1, 100);
        context.fork(0, 1, 60);
        read(1, 2, 40);
        assertCells(140);

        context.truncate(1, 70);
        context.truncate(0, 0);
        assertCells(140);

        context.compact(List.of(new KeptSequence(1, -1, 0)));
        assertCells(70);
        assertThat(context.length(0)).isZero();
        assertThat(context.length(1)).isEqualTo(70);
    }

    private void assertCells(int taken) {
        context.countCells().ifPresent(counted -> assertThat(counted).isEqualTo(taken));
        assertThat(context.cells() - context.freeCells()).isEqualTo(taken);
    }

    /** Two texts with a common beginning, moved twice, go on as if they had not been moved. */
    @Test
    void compactionMovesCellsWithoutChangingThem() {
        read(0, 1, 100);
        context.fork(0, 1, 60);
        read(1, 2, 40);
        var expected = List.of(read(0, 1, 10), read(1, 2, 10));
        context.truncate(0, 100);
        context.truncate(1, 100);
        read(2, 3, 50);
        for (int turn = 0; turn < 2; turn++) {
            context.truncate(2, 0);
            context.compact(List.of(new KeptSequence(1, -1, 0), new KeptSequence(0, 1, 60)));
            assertCells(140);
        }

        var moved = List.of(read(0, 1, 10), read(1, 2, 10));

        assertThat(moved.get(0)).containsExactly(expected.get(0));
        assertThat(moved.get(1)).containsExactly(expected.get(1));
    }

    /** Logits after any cut of a text into batches, beside other texts or alone, at any place. */
    @Test
    void everyWayToReadATextGivesTheSameBits() {
        float[] expected = read(0, 1, 97);
        for (int chunk : new int[] {1, 7, 50}) {
            context.compact(List.of());
            read(3, 9, chunk);
            float[] seen = null;
            for (int done = 0; done < 97; done += chunk) {
                seen = read(1, 1, Math.min(chunk, 97 - done));
            }
            assertThat(seen).as("chunks of %d", chunk).containsExactly(expected);
        }
    }

    /** One token by itself, with others in memory, by one thread or two, as beside a second token. */
    @Test
    void aLoneTokenHasTheBitsItHasInCompany() {
        var rows = new ArrayList<float[]>();
        for (int threads : new int[] {1, 2}) {
            try (var wide = new NativeContext(model, 1024, 4, 128, threads)) {
                for (int part = 0; part < 6; part++) {
                    read(wide, 0, 1, 100);
                }
                wide.fork(0, 1, 550);
                rows.add(read(wide, 1, 7, 1));
                wide.truncate(1, 550);
                batch.clear();
                batch.add(token(7, 550), 550, 1, true);
                batch.add(token(8, 600), 600, 0, false);
                wide.decode(batch);
                var row = new float[model.vocabularySize()];
                wide.logits(0, row);
                rows.add(row);
                assertThat(wide.countDecodedTokens()).isEqualTo(603 + wide.paddingTokens());
                assertThat(wide.freeCells()).isEqualTo(1024 - 603);
            }
        }

        assertThat(rows).allSatisfy(row -> assertThat(row).containsExactly(rows.getFirst()));
    }
}
