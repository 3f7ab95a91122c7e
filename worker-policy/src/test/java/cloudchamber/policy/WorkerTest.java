package cloudchamber.policy;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.policy.HeldGenerator.Manner;
import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Role;
import cloudchamber.protocol.wire.ServiceKeys;
import cloudchamber.protocol.wire.SlotOffer;
import cloudchamber.protocol.wire.WireLimits;
import cloudchamber.protocol.wire.WorkPort;
import cloudchamber.protocol.wire.WorkerControl;
import cloudchamber.protocol.wire.WorkerStatus;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkerTest {
    private static final Duration RENEWAL = Duration.ofMillis(300);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.actor.provider = local"))
            .withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    /** A dispatcher that met one worker. */
    private final class Meeting {
        private final TestProbe<DispatcherMessage> dispatcher = kit.createTestProbe(DispatcherMessage.class);
        private final TestProbe<Extended> answers = kit.createTestProbe(Extended.class);
        private String workerId;
        private ActorRef<Extend> port;
        private ActorRef<WorkerControl> control;

        Meeting() {
            kit.system().receptionist().tell(Receptionist.register(ServiceKeys.DISPATCHERS, dispatcher.getRef()));
        }

        DispatcherMessage.Announce awaitAnnounce() {
            var announce = dispatcher.expectMessageClass(DispatcherMessage.Announce.class);
            workerId = announce.worker().workerId();
            control = announce.control();
            if (announce.port() instanceof WorkPort.Policy(var extend)) {
                port = extend;
            }
            return announce;
        }

        Meeting met() {
            awaitAnnounce();
            return this;
        }

        DispatcherMessage.Offer awaitOffer() {
            return dispatcher.expectMessageClass(DispatcherMessage.Offer.class);
        }

        void ask(ExtendRequest... requests) {
            port.tell(new Extend(List.of(requests), dispatcher.getRef(), answers.getRef()));
        }

        List<ExtendResult> awaitResults() {
            return answers.receiveMessage().results();
        }

        DispatcherMessage.Renew awaitRenewal() {
            time.timePasses(RENEWAL);
            return dispatcher
                    .fishForMessage(
                            dispatcher.getRemainingOrDefault(),
                            message -> message instanceof DispatcherMessage.Renew
                                    ? FishingOutcomes.complete()
                                    : FishingOutcomes.continueAndIgnore())
                    .stream()
                    .map(DispatcherMessage.Renew.class::cast)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private ActorRef<?> start(HeldGenerator generator) {
        return kit.spawn(PolicyWorker.create(generator, "here"));
    }

    @Test
    void workerSaysWhoItIsAndOffersAllItsSlotsToASingleDispatcherToKeep() {
        var meeting = new Meeting();
        start(new HeldGenerator(3, Manner.HOLD));

        var announced = meeting.awaitAnnounce().worker();

        assertThat(announced.role()).isEqualTo(Role.POLICY);
        assertThat(announced.model()).isEqualTo("held");
        assertThat(announced.slots()).isEqualTo(3);
        assertThat(announced.node()).isEqualTo("here");
        assertThat(announced.processId()).isEqualTo(ProcessHandle.current().pid());
        assertThat(meeting.awaitOffer()).isEqualTo(new DispatcherMessage.Offer(announced.workerId(), 3, true));
    }

    @Test
    void resultsThatEndTogetherTravelTogetherAndFreeTheirSlots() {
        var meeting = new Meeting();
        start(new HeldGenerator(5, Manner.ANSWER));
        meeting.met().awaitOffer();
        var requests =
                IntStream.range(0, 5).mapToObj(lease -> request(lease, "held")).toArray(ExtendRequest[]::new);

        meeting.ask(requests);

        assertThat(meeting.answers.receiveMessage())
                .isEqualTo(new Extended(
                        meeting.workerId,
                        List.of(requests).stream().map(HeldGenerator::result).toList(),
                        new SlotOffer(10, true)));
    }

    @Test
    void requestForAnotherModelIsRefused() {
        var meeting = new Meeting();
        start(new HeldGenerator(1, Manner.ANSWER));
        meeting.met();

        meeting.ask(request(0, "other"));

        assertThat(meeting.awaitResults())
                .containsExactly(refused(
                        request(0, "other"),
                        Category.MODEL_UNKNOWN,
                        "this worker serves [held]: was asked for [other]"));
    }

    @Test
    void backendThatThrowsCostsTheRequestAndNotTheWorker() {
        var meeting = new Meeting();
        start(new HeldGenerator(1, Manner.THROW));
        meeting.met();

        for (int lease = 0; lease < 2; lease++) {
            meeting.ask(request(lease, "held"));
            assertThat(meeting.awaitResults())
                    .containsExactly(refused(
                            request(lease, "held"),
                            Category.BACKEND_UNAVAILABLE,
                            "the backend broke: java.lang.IllegalStateException: out of order"));
        }
    }

    @Test
    void drainingWorkerFinishesWhatRunsRefusesTheRestAndStops() {
        var generator = new HeldGenerator(2, Manner.HOLD);
        var meeting = new Meeting();
        var worker = start(generator);
        meeting.met().awaitOffer();
        meeting.ask(request(0, "held"));
        var held = generator.next();

        meeting.control.tell(new WorkerControl.Drain());
        meeting.ask(request(1, "held"));

        assertThat(meeting.awaitResults())
                .containsExactly(
                        refused(request(1, "held"), Category.STOPPING, "the worker is draining and takes no new work"));
        assertThat(meeting.dispatcher
                        .expectMessageClass(DispatcherMessage.Renew.class)
                        .status()
                        .draining())
                .as("said at once, so that no more work is sent")
                .isTrue();
        var result = held.finish();
        assertThat(meeting.awaitResults()).containsExactly(result);
        assertThat(meeting.dispatcher.receiveMessage()).isEqualTo(new DispatcherMessage.Leave(meeting.workerId));
        meeting.dispatcher.expectTerminated(worker);
        assertThat(generator.isClosed()).isTrue();
    }

    /** A result is queued for a moment, to travel with others; a worker that stops in that moment must not lose it. */
    @Test
    void drainLosesNoResultThatIsAboutToBeSent() {
        for (int attempt = 0; attempt < 20; attempt++) {
            var generator = new HeldGenerator(1, Manner.HOLD);
            var meeting = new Meeting();
            var worker = start(generator);
            meeting.met();
            meeting.ask(request(0, "held"));

            var result = generator.next().finish();
            meeting.control.tell(new WorkerControl.Drain());

            assertThat(meeting.awaitResults()).containsExactly(result);
            meeting.dispatcher.expectTerminated(worker);
            kit.system()
                    .receptionist()
                    .tell(Receptionist.deregister(ServiceKeys.DISPATCHERS, meeting.dispatcher.getRef()));
        }
    }

    /** Every dispatcher numbers its leases from 0. */
    @Test
    void cancelStopsTheLeaseOfTheOneWhoCancelsAndNoOther() {
        var generator = new HeldGenerator(4, Manner.HOLD);
        var one = new Meeting();
        var other = new Meeting();
        start(generator);
        one.met();
        other.met();
        one.ask(request(0, "held"));
        var ofOne = generator.next();
        other.ask(request(0, "held"));
        var ofOther = generator.next();

        one.control.tell(new WorkerControl.Cancel(one.dispatcher.getRef(), List.of(0L, 99L)));

        assertThat(one.awaitResults())
                .containsExactly(refused(
                        request(0, "held"),
                        Category.STOPPING,
                        "the request was cancelled: nobody waits for it any more"));
        assertThat(ofOne.future()).isCancelled();
        assertThat(ofOther.future()).isNotDone();
        var result = ofOther.finish();
        assertThat(other.awaitResults()).containsExactly(result);
    }

    @Test
    void renewalsListTheLeasesOfEachDispatcherAndTheTotals() {
        var generator = new HeldGenerator(6, Manner.HOLD);
        var one = new Meeting();
        var other = new Meeting();
        start(generator);
        one.met().awaitOffer();
        other.met().awaitOffer();
        one.ask(request(0, "held"), request(1, "held"));
        other.ask(request(7, "held"));
        generator.next().finish();
        one.awaitResults();
        generator.next();
        generator.next();

        var renewal = one.awaitRenewal();

        assertThat(renewal.workerId()).isEqualTo(one.workerId);
        assertThat(renewal.leases()).containsExactly(1L);
        assertThat(renewal.requestsReceived()).isEqualTo(2);
        assertThat(renewal.slotsReturned()).isZero();
        assertThat(renewal.keep()).isFalse();
        assertThat(renewal.status().running()).isEqualTo(2);
        assertThat(renewal.status().completed()).isOne();
        assertThat(renewal.status().refused()).isZero();
        assertThat(renewal.status().promptTokens()).isEqualTo(HeldGenerator.USAGE.promptTokens());
        assertThat(renewal.status().draining()).isFalse();
        assertThat(other.dispatcher
                        .expectMessageClass(DispatcherMessage.Renew.class)
                        .leases())
                .containsExactly(7L);
    }

    @Test
    void workerAnnouncesItselfAgainWhenAsked() {
        var meeting = new Meeting();
        start(new HeldGenerator(1, Manner.HOLD));
        var announced = meeting.awaitAnnounce();
        meeting.awaitOffer();

        meeting.control.tell(new WorkerControl.AnnounceAgain(meeting.dispatcher.getRef()));

        assertThat(meeting.awaitAnnounce()).isEqualTo(announced);
    }

    @Test
    void passedOnSlotsGoToTheOtherDispatcherAndComeBackWhenThereIsWork() {
        var one = new Meeting();
        var other = new Meeting();
        start(new HeldGenerator(2, Manner.HOLD));
        one.met();
        other.met();
        assertThat(one.awaitOffer().slotsOffered() + other.awaitOffer().slotsOffered())
                .isEqualTo(2);

        one.control.tell(new WorkerControl.PassOn(one.dispatcher.getRef(), 1));
        assertThat(other.awaitOffer().slotsOffered()).isEqualTo(2);
        other.control.tell(new WorkerControl.PassOn(other.dispatcher.getRef(), 2));
        one.control.tell(new WorkerControl.WorkAvailable(one.dispatcher.getRef()));

        assertThat(one.awaitOffer().slotsOffered()).isEqualTo(3);
        assertThat(one.awaitRenewal().slotsReturned()).isOne();
    }

    @Test
    void leaseThatComesTwiceRunsOnce() {
        var generator = new HeldGenerator(2, Manner.HOLD);
        var meeting = new Meeting();
        start(generator);
        meeting.met();

        meeting.ask(request(0, "held"));
        meeting.ask(request(0, "held"));
        var held = generator.next();

        var renewal = meeting.awaitRenewal();
        assertThat(renewal.requestsReceived()).isOne();
        assertThat(renewal.leases()).containsExactly(0L);
        assertThat(generator.hasStartedMore()).isFalse();
        var result = held.finish();
        assertThat(meeting.awaitResults()).containsExactly(result);
    }

    /** A child's request need not repeat what the worker drew itself. */
    @Test
    void briefRequestIsMadeWholeFromWhatTheWorkerHoldsAndRefusedOtherwise() {
        var meeting = new Meeting();
        var generator = new HeldGenerator(3, Manner.HOLD);
        start(generator);
        meeting.met().awaitOffer();
        var first = below(request(0, "held"), 0, List.of(), 7);
        meeting.ask(first);
        generator.next().finish();
        meeting.awaitResults();
        var prefix = List.of(new PrefixStep("step", List.of(1)));

        meeting.ask(below(request(1, "held"), 7, prefix, 8).brief());
        var seen = generator.next();
        meeting.ask(below(request(2, "held"), 9, prefix, 10).brief());

        assertThat(seen.request().prompt()).isEqualTo(first.prompt());
        assertThat(seen.request().prefix()).isEqualTo(prefix);
        assertThat(meeting.awaitResults())
                .singleElement()
                .isInstanceOfSatisfying(ExtendResult.NotExtended.class, refused -> {
                    assertThat(refused.lease()).isEqualTo(2);
                    assertThat(refused.refusal().category()).isEqualTo(Category.PREFIX_UNKNOWN);
                });
    }

    @Test
    void lastErrorHasATimeAndIsClearedByTheNextSuccessAndAPrefixThatIsNotHeldIsNone() {
        var meeting = new Meeting();
        var generator = new HeldGenerator(3, Manner.HOLD);
        start(generator);
        meeting.met().awaitOffer();
        meeting.ask(below(request(0, "held"), 9, List.of(new PrefixStep("?", List.of())), 10)
                .brief());
        meeting.awaitResults();
        assertThat(meeting.awaitRenewal().status().lastError()).isEmpty();

        long before = System.currentTimeMillis();
        meeting.ask(request(1, "held"));
        var failing = generator.next();
        failing.future().complete(refused(failing.request(), Category.BACKEND_UNAVAILABLE, "out of order"));
        meeting.awaitResults();
        var status = meeting.awaitRenewal().status();
        assertThat(status.lastError()).isEqualTo("out of order");
        assertThat(status.lastErrorAtMillis()).isBetween(before, System.currentTimeMillis());
        assertThat(status.refused()).isEqualTo(2);

        meeting.ask(request(2, "held"));
        generator.next().finish();
        meeting.awaitResults();
        assertThat(meeting.awaitRenewal().status())
                .extracting(WorkerStatus::lastError, WorkerStatus::lastErrorAtMillis)
                .containsExactly("", 0L);
    }

    @Test
    void logProbabilityAboveZeroIsRefused() {
        var meeting = new Meeting();
        var generator = new HeldGenerator(2, Manner.HOLD);
        start(generator);
        meeting.met().awaitOffer();
        meeting.ask(request(0, "held"));
        generator.next().complete(new Step("step", List.of(), StepEnd.STEP, StepLimit.NONE, .5, 1));
        assertThat(meeting.awaitResults())
                .singleElement()
                .isInstanceOfSatisfying(ExtendResult.NotExtended.class, refused -> {
                    assertThat(refused.refusal().category()).isEqualTo(Category.BACKEND_INVALID);
                    assertThat(refused.usage()).isEqualTo(HeldGenerator.USAGE);
                });
    }

    @Test
    void stepThatIsTooLargeToTravelIsCutAtAWholeCharacterAndItsTokensAreCounted() {
        var meeting = new Meeting();
        var generator = new HeldGenerator(1, Manner.HOLD);
        start(generator);
        meeting.met().awaitOffer();
        meeting.ask(request(0, "held"));
        var held = generator.next();
        held.future()
                .complete(new ExtendResult.Generated(
                        held.request().key(),
                        0,
                        new Step("🎲".repeat(200_000), List.of(1, 2), StepEnd.END, StepLimit.NONE, 0, 0),
                        HeldGenerator.USAGE));

        assertThat(meeting.awaitResults()).singleElement().isInstanceOfSatisfying(ExtendResult.Generated.class, cut -> {
            assertThat(cut.step().text()).isEqualTo("🎲".repeat(WireLimits.MAX_STEP_BYTES / 4));
            assertThat(cut.step().tokenIds()).isEmpty();
            assertThat(cut.step().limit()).isEqualTo(StepLimit.PARTICLE_TOKENS);
            assertThat(cut.usage()).isEqualTo(HeldGenerator.USAGE);
        });
    }

    private static ExtendRequest below(ExtendRequest request, int parent, List<PrefixStep> prefix, int node) {
        return new ExtendRequest(
                request.key(),
                request.lease(),
                request.model(),
                request.prompt(),
                new NodeReference("job", "p1", parent),
                prefix,
                request.sampling(),
                request.seed(),
                request.stops(),
                request.maxStepTokens(),
                request.maxTokens(),
                node,
                null,
                null);
    }

    private static ExtendRequest request(long lease, String model) {
        return new ExtendRequest(
                new AttemptKey(new StepKey("job", "p1", 0, 0, 0, (int) lease, Purpose.EXTEND), 1),
                lease,
                model,
                Prompt.question("?"),
                new NodeReference("job", "p1", 0),
                List.of(),
                Sampling.atTemperature(1),
                lease,
                List.of("\n\n"),
                8,
                8);
    }

    private static ExtendResult refused(ExtendRequest request, Category category, String detail) {
        return new ExtendResult.NotExtended(request.key(), request.lease(), new Refusal(category, detail), Usage.NONE);
    }
}
