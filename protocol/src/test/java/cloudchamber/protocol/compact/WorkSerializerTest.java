package cloudchamber.protocol.compact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.GoldenFiles;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WireMessage;
import cloudchamber.protocol.wire.WireTest;
import com.typesafe.config.ConfigFactory;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The compact form is frozen as the CBOR is, reads what it wrote, and takes nothing else. */
class WorkSerializerTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(
            Behaviors.empty(),
            "golden",
            ConfigFactory.parseString("pekko.actor.provider = local").withFallback(ConfigFactory.load()));
    private static final GoldenFiles GOLDEN = new GoldenFiles(SYSTEM);
    private static final WorkSerializer SERIALIZER =
            new WorkSerializer((ExtendedActorSystem) Adapter.toClassic(SYSTEM));

    @AfterAll
    static void stop() {
        SYSTEM.terminate();
    }

    static Stream<String> names() {
        return WireTest.messages().entrySet().stream()
                .filter(message -> switch (message.getValue()) {
                    case Extend extend -> true;
                    case Extended extended -> true;
                    case Score score -> true;
                    case Scored scored -> true;
                    default -> false;
                })
                .map(message -> message.getKey())
                .sorted();
    }

    private static WireMessage message(String name) {
        return WireTest.messages().get(name);
    }

    private static Object read(byte[] bytes, Object like) {
        return SERIALIZER.fromBinary(bytes, SERIALIZER.manifest(like));
    }

    @ParameterizedTest
    @MethodSource("names")
    void messageIsWrittenAndReadAsEver(String name) {
        GOLDEN.assertFrozenBytes("compact-" + name, message(name));
    }

    @ParameterizedTest
    @MethodSource("names")
    void messageOfANodeThatWritesCborIsRead(String name) {
        GOLDEN.assertStillRead(name, message(name));
    }

    /** A later version may add fields at the end of a part and of the message. */
    @Test
    void fieldsOfALaterVersionAreIgnored() {
        var out = new CompactWriter();
        out.text("policy-1");
        out.number(1);
        out.part(() -> {
            out.number(0);
            out.text("job");
            out.text("problem");
            IntStream.of(0, 0, 3, 4, Purpose.EXTEND.ordinal(), 1, 9, 20, 30, 40).forEach(out::number);
            out.text("so\n\n");
            out.numbers(List.of(7, 8));
            out.number(StepEnd.STEP.ordinal());
            out.number(StepLimit.NONE.ordinal());
            out.real(-1.5);
            out.number(2);
            out.text("added later");
            out.bits(-1);
        });
        out.number(1);
        out.number(12);
        out.text("added later, too");

        var key = new AttemptKey(new StepKey("job", "problem", 0, 0, 3, 4, Purpose.EXTEND), 1);
        var step = new Step("so\n\n", List.of(7, 8), StepEnd.STEP, StepLimit.NONE, -1.5, 2);
        assertThat(SERIALIZER.fromBinary(out.toBytes(), "e"))
                .isEqualTo(new Extended(
                        "policy-1",
                        List.of(new ExtendResult.Generated(key, 9, step, new Usage(20, 30, 40))),
                        new SlotOffer(12, false)));
    }

    @Test
    void whatALaterVersionAsksForTravels() {
        for (var arguments : new String[] {null, "{\"enable_thinking\":false}"}) {
            for (var thinking : new Integer[] {null, 0, 4096}) {
                var like = ((Extend) message("extend"));
                var first = like.requests().getFirst();
                var request = new ExtendRequest(
                        first.key(),
                        first.lease(),
                        first.model(),
                        Prompt.question("What?").withTemplateArguments(arguments),
                        first.parent(),
                        first.prefix(),
                        first.sampling(),
                        first.seed(),
                        first.stops(),
                        first.maxStepTokens(),
                        first.maxTokens(),
                        first.node(),
                        thinking,
                        null);
                var extend = new Extend(List.of(request), like.dispatcher(), like.replyTo());

                assertThat(read(SERIALIZER.toBinary(extend), extend)).isEqualTo(extend);
            }
        }
    }

    /** The transport drops a longer frame without a word. */
    @Test
    void theLongestStepsFitAFrame() {
        var key = ((Extend) message("extend")).requests().getFirst().key();
        for (var piece : List.of("a", "∑", "🎲", "\ud800a")) {
            var step = WireLimits.cut(new Step(
                    piece.repeat(1_000_000), Collections.nCopies(32_768, 151_935), StepEnd.END, StepLimit.NONE, 0, 0));
            assertThat(WireLimits.fits(step)).isTrue();
            assertThat(step.text()).startsWith(piece);
            var most = new Step(step.text(), Collections.nCopies(32_768, 151_935), StepEnd.END, StepLimit.NONE, 0, 0);
            var result = new ExtendResult.Generated(key, 1, most, Usage.NONE);

            assertThat(SERIALIZER.toBinary(new Extended("policy-1", List.of(result))))
                    .hasSizeLessThan(2 * 1024 * 1024);
            assertThat(WireLimits.bytes(most)).isLessThan(WireLimits.MAX_BATCH_BYTES);
        }
        assertThat(WireLimits.cut(new Step("a", List.of(1), StepEnd.END, StepLimit.NONE, 0, 0))
                        .tokenIds())
                .containsExactly(1);
    }

    @ParameterizedTest
    @MethodSource("names")
    void messageThatBreaksOffIsNotTaken(String name) {
        var whole = SERIALIZER.toBinary(message(name));
        for (int length = 0; length < whole.length; length++) {
            var cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> read(cut, message(name))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** Whatever comes is a message or refused as what it is not: nothing is built that is far larger than it. */
    @ParameterizedTest
    @MethodSource("names")
    void noiseIsReadOrRefused(String name) {
        var random = new Random(6);
        var whole = SERIALIZER.toBinary(message(name));
        for (int trial = 0; trial < 500; trial++) {
            var noisy = whole.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                noisy[random.nextInt(noisy.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(read(noisy, message(name))).isInstanceOf(WireMessage.class);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageContaining(" must ");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "∑ 𝔼 \u0000",
                "half a pair: \uD835",
                "\uDD3C and the other half",
                "policy-0b9f5f4e-3c1c-4a2e-9d0c-6f1b7f3b8f10",
                "0b9f5f4e-3c1c-4a2e-9d0c-6f1b7f3b8f10",
                "0B9F5F4E-3C1C-4A2E-9D0C-6F1B7F3B8F10",
                "0b9f5f4e-3c1c-4a2e-9d0c-6f1b7f3b8f1g",
                "\uD835-0b9f5f4e-3c1c-4a2e-9d0c-6f1b7f3b8f10"
            })
    void everyTextComesBack(String text) {
        var out = new CompactWriter();
        out.text(text);
        out.text(text);
        var in = new CompactReader(out.toBytes());

        assertThat(in.text()).isEqualTo(text);
        assertThat(in.text()).isEqualTo(text);
    }

    @Test
    void everyNumberComesBack() {
        var random = new Random(1);
        var values = Stream.concat(
                        Stream.of(0L, 127L, 128L, -1L, Long.MAX_VALUE, Long.MIN_VALUE),
                        Stream.generate(() -> random.nextLong() >>> random.nextInt(64))
                                .limit(1000))
                .toList();
        var out = new CompactWriter();
        values.forEach(value -> {
            out.number(value);
            out.bits(value);
            out.real(Double.longBitsToDouble(value));
        });
        var in = new CompactReader(out.toBytes());

        for (long value : values) {
            assertThat(in.number()).isEqualTo(value);
            assertThat(in.bits()).isEqualTo(value);
            assertThat(Double.doubleToRawLongBits(in.real()))
                    .isEqualTo(Double.doubleToRawLongBits(Double.longBitsToDouble(value)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 16_383, 16_384, 70_000})
    void partsOfAnyLengthComeBack(int length) {
        var out = new CompactWriter();
        out.part(() -> IntStream.range(0, length).forEach(index -> out.number(1)));
        out.number(5);
        var in = new CompactReader(out.toBytes());

        assertThat(in.<Integer>part(() -> {
                    int ones = 0;
                    while (in.hasMore()) {
                        ones += in.count();
                    }
                    return ones;
                }))
                .isEqualTo(length);
        assertThat(in.number()).isEqualTo(5);
    }

    /** What benchmark B12 counts: beside its text a request alone in its message takes little. */
    @Test
    void requestTakesFewBytesBesideItsText() {
        var text = "x".repeat(240);
        var key = new AttemptKey(new StepKey("job-" + new UUID(1, 2), "problem-17", 0, 0, 11, 15, Purpose.SCORE), 1);
        var request = new ScoreRequest(
                        key,
                        100_000,
                        "a-model-of-some-name",
                        Prompt.question("what?"),
                        new NodeReference(key.step().job(), key.step().problem(), 190),
                        List.of(new PrefixStep("before", List.of()), new PrefixStep(text, List.of())),
                        175,
                        null)
                .brief();

        var bytes = SERIALIZER.toBinary(new Score(List.of(request), SYSTEM.deadLetters(), SYSTEM.deadLetters()));

        assertThat(bytes.length - text.length()).isLessThan(110);
    }
}
