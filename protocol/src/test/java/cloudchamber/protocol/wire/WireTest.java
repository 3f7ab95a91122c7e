package cloudchamber.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import com.typesafe.config.ConfigFactory;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What crosses a wire is frozen, byte for byte; here as CBOR, work too, as nodes before the compact form write it. */
public class WireTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(
            Behaviors.empty(), "golden", ConfigFactory.parseString("""
                            pekko.actor.provider = local
                            pekko.actor.serialization-bindings {
                              "cloudchamber.protocol.wire.Extend" = cloudchamber-cbor
                              "cloudchamber.protocol.wire.Extended" = cloudchamber-cbor
                              "cloudchamber.protocol.wire.Score" = cloudchamber-cbor
                              "cloudchamber.protocol.wire.Scored" = cloudchamber-cbor
                            }
                            """).withFallback(ConfigFactory.load()));
    private static final GoldenFiles GOLDEN = new GoldenFiles(SYSTEM);

    private static final AttemptKey EXTEND_KEY =
            new AttemptKey(new StepKey("job-1", "Frage/β 7", 0, 65535, 12, 3, Purpose.EXTEND), 2);
    private static final AttemptKey SCORE_KEY =
            new AttemptKey(new StepKey("job-1", "Frage/β 7", 0, 65535, 12, 3, Purpose.SCORE), 1);
    private static final Prompt PROMPT = new Prompt(List.of(
            new Message(Message.Role.SYSTEM, "Answer in steps."),
            new Message(Message.Role.USER, "Evaluate 3 + 4."),
            new Message(Message.Role.ASSISTANT, "\\boxed{7}"),
            new Message(Message.Role.USER, "Evaluate 17 + 26 - 9.\n\t\"∑\" 𝔼")));
    private static final List<PrefixStep> PREFIX = List.of(
            new PrefixStep("17 + 26 = 43\n\n", List.of(0, 1, 151_935, Integer.MAX_VALUE)),
            new PrefixStep("", List.of()));

    @AfterAll
    static void stop() {
        SYSTEM.terminate();
    }

    /** One message of every kind, with every kind of value inside. */
    public static Map<String, WireMessage> messages() {
        return Map.ofEntries(
                Map.entry("extend", extend()),
                Map.entry("extended", extended()),
                Map.entry("extend-brief", brief(extend())),
                Map.entry("score", score()),
                Map.entry("score-brief", brief(score())),
                Map.entry("scored", scored()),
                Map.entry("extended-offer", offering(extended())),
                Map.entry("scored-offer", offering(scored())),
                Map.entry("announce-policy", announce(Role.POLICY, new WorkPort.Policy(nobody()))),
                Map.entry("announce-prm", announce(Role.PRM, new WorkPort.Prm(nobody()))),
                Map.entry("offer", new DispatcherMessage.Offer("policy-1", 5_000_000_000L, true)),
                Map.entry("renew", renew()),
                Map.entry("leave", new DispatcherMessage.Leave("policy-1")),
                Map.entry("pass-on", new WorkerControl.PassOn(nobody(), 17)),
                Map.entry("work-available", new WorkerControl.WorkAvailable(nobody())),
                Map.entry("announce-again", new WorkerControl.AnnounceAgain(nobody())),
                Map.entry("cancel", new WorkerControl.Cancel(nobody(), List.of(0L, 5_000_000_000L))),
                Map.entry("drain", new WorkerControl.Drain()),
                Map.entry(
                        "lease-request",
                        new LeaseRequest(
                                LeaseRequest.Kind.CLAIM,
                                "10.0.0.3:7355#9f",
                                List.of("10.0.0.1:7355#fffffffffffffffe"),
                                nobody())),
                Map.entry("lease-reply", LeaseReply.undecided("the database does not answer")));
    }

    @ParameterizedTest
    @MethodSource("names")
    void messageIsWrittenAndReadAsEver(String name) {
        GOLDEN.assertFrozen(name, messages().get(name));
    }

    @ParameterizedTest
    @MethodSource("names")
    void fieldsOfALaterVersionAreIgnored(String name) {
        GOLDEN.assertReadWithMoreFields(messages().get(name));
    }

    static Stream<String> names() {
        return messages().keySet().stream().sorted();
    }

    @Test
    void everyKindOfMessageIsFrozen() {
        var kinds = messages().values().stream().map(Object::getClass).collect(Collectors.<Class<?>>toSet());

        assertThat(kinds).contains(DispatcherMessage.class.getPermittedSubclasses());
        assertThat(kinds).contains(WorkerControl.class.getPermittedSubclasses());
        assertThat(kinds).contains(LeaseRequest.class, LeaseReply.class);
        assertThat(kinds).contains(Extend.class, Extended.class, Score.class, Scored.class);
        assertThat(kinds(extended().results())).containsExactlyInAnyOrder(ExtendResult.class.getPermittedSubclasses());
        assertThat(kinds(scored().results())).containsExactlyInAnyOrder(ScoreResult.class.getPermittedSubclasses());
    }

    private static List<Class<?>> kinds(List<?> results) {
        return results.stream().<Class<?>>map(Object::getClass).distinct().toList();
    }

    /** A node of the cluster is no place where a stranger's class is built from a stranger's bytes. */
    @Test
    void javaSerializationIsOff() {
        record Plain(String text) implements Serializable {}

        var written = SerializationExtension.get(Adapter.toClassic(SYSTEM)).serialize(new Plain("text"));

        assertThat(written.isFailure()).isTrue();
        assertThat(written.failed().get()).hasMessageContaining("Java serialization");
    }

    private static Extend extend() {
        return new Extend(
                List.of(
                        new ExtendRequest(
                                EXTEND_KEY,
                                Long.MAX_VALUE,
                                "bundled",
                                PROMPT,
                                new NodeReference("job-1", "Frage/β 7", 41),
                                PREFIX,
                                new Sampling(.8, 40, .95, .05),
                                Long.MIN_VALUE,
                                List.of("\n\n"),
                                512,
                                4096),
                        new ExtendRequest(
                                new AttemptKey(new StepKey("j", "p1", 65535, 0, 0, 0, Purpose.LOOK_AHEAD), 1),
                                0,
                                "smollm2-135m",
                                Prompt.question(""),
                                new NodeReference("j", "p1", 0),
                                List.of(),
                                Sampling.atTemperature(0),
                                -1,
                                List.of(),
                                1,
                                1)),
                nobody(),
                nobody());
    }

    /** The same for a worker that holds the prefixes, with the nodes told. */
    private static Extend brief(Extend extend) {
        return new Extend(
                extend.requests().stream()
                        .map(whole -> new ExtendRequest(
                                        whole.key(),
                                        whole.lease(),
                                        whole.model(),
                                        whole.prompt(),
                                        whole.parent(),
                                        whole.prefix(),
                                        whole.sampling(),
                                        whole.seed(),
                                        whole.stops(),
                                        whole.maxStepTokens(),
                                        whole.maxTokens(),
                                        whole.parent().node() + 1,
                                        null,
                                        null)
                                .brief())
                        .toList(),
                extend.dispatcher(),
                extend.replyTo());
    }

    private static Score brief(Score score) {
        return new Score(
                score.requests().stream()
                        .map(whole -> new ScoreRequest(
                                        whole.key(),
                                        whole.lease(),
                                        whole.model(),
                                        whole.prompt(),
                                        whole.node(),
                                        whole.prefix(),
                                        whole.node().node() - 1,
                                        null)
                                .brief())
                        .toList(),
                score.dispatcher(),
                score.replyTo());
    }

    private static Extended extended() {
        var steps = List.of(
                new Step("43 - 9 = 34\n\n", List.of(7, 8, 9), StepEnd.STEP, StepLimit.NONE, -1.25, 3),
                new Step("\\boxed{34}", List.of(), StepEnd.END, StepLimit.NONE, -Double.MIN_VALUE, 0),
                new Step("34 34 34", List.of(5), StepEnd.TRUNCATED, StepLimit.CONTEXT, -Double.MAX_VALUE, 1));
        return new Extended(
                "policy-1",
                Stream.concat(
                                steps.stream()
                                        .<ExtendResult>map(step -> new ExtendResult.Generated(
                                                EXTEND_KEY, 9, step, new Usage(0, 5_000_000_000L, 3))),
                                Stream.of(Refusal.Category.values())
                                        .map(category -> new ExtendResult.NotExtended(
                                                EXTEND_KEY, 10, new Refusal(category, "why: \"this\""), Usage.NONE)))
                        .toList());
    }

    /** With the slots that are free again. */
    private static Extended offering(Extended extended) {
        return new Extended(extended.workerId(), extended.results(), new SlotOffer(5_000_000_000L, true));
    }

    private static Scored offering(Scored scored) {
        return new Scored(scored.workerId(), scored.results(), new SlotOffer(40, false));
    }

    private static Score score() {
        return new Score(
                List.of(new ScoreRequest(
                        SCORE_KEY, 3, "bundled", PROMPT, new NodeReference("job-1", "Frage/β 7", 42), PREFIX)),
                nobody(),
                nobody());
    }

    private static Scored scored() {
        var extremes = List.of(
                0.0,
                -0.0,
                0.1,
                -36.04365338911715,
                Double.MIN_VALUE,
                -Double.MAX_VALUE,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Double.NaN);
        return new Scored(
                "prm-1",
                List.of(
                        new ScoreResult.PrefixScored(SCORE_KEY, 3, extremes, new Usage(20, 100, 0)),
                        new ScoreResult.PrefixScored(SCORE_KEY, 4, List.of(1.0), Usage.NONE),
                        new ScoreResult.NotScored(
                                SCORE_KEY,
                                5,
                                new Refusal(Refusal.Category.CONTEXT_OVERFLOW, "too long"),
                                new Usage(1, 2, 3))));
    }

    private static DispatcherMessage.Announce announce(Role role, WorkPort port) {
        return new DispatcherMessage.Announce(
                new WorkerAnnouncement(
                        role.id() + "-1",
                        role,
                        "pekko://cloudchamber@127.0.0.1:7355",
                        4_000_000_000L,
                        "bundled",
                        "00ff".repeat(16),
                        "chatml",
                        new NumericsClass("llama.cpp b4916", "avx2", "00ff".repeat(16), "flash-attention, n_ubatch 32"),
                        32,
                        4096),
                port,
                nobody());
    }

    private static DispatcherMessage.Renew renew() {
        return new DispatcherMessage.Renew(
                "policy-1",
                40,
                2,
                33,
                false,
                List.of(0L, 5_000_000_000L),
                new WorkerStatus(5, 28, 1, 1000, 5_000_000_000L, 300, "expected this: was that", 0, true),
                nobody());
    }

    private static <T> ActorRef<T> nobody() {
        return SYSTEM.deadLetters();
    }
}
