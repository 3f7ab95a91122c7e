package cloudchamber.policy;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A policy whose requests end when the test says so, in any order; some models of it end at once or throw. */
final class HeldGenerator implements StepGenerator {
    static final Usage USAGE = new Usage(3, 2, 1);
    private static final long PATIENCE_SECONDS = 10;

    /** A request under way. */
    record Held(ExtendRequest request, CompletableFuture<ExtendResult> future) {
        ExtendResult finish() {
            var result = result(request);
            future.complete(result);
            return result;
        }

        void complete(Step step) {
            future.complete(new ExtendResult.Generated(request.key(), request.lease(), step, USAGE));
        }
    }

    /** What becomes of a request. */
    enum Manner {
        HOLD,
        ANSWER,
        THROW
    }

    private final int slots;
    private final Manner manner;
    private final BlockingQueue<Held> started = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    HeldGenerator(int slots, Manner manner) {
        this.slots = slots;
        this.manner = manner;
    }

    @Override
    public ServedModel model() {
        return new ServedModel("held", "00", "none", new NumericsClass("held", "any", "00", "exact"), slots, 100);
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        return switch (manner) {
            case HOLD -> {
                var held = new Held(request, new CompletableFuture<>());
                started.add(held);
                yield held.future();
            }
            case ANSWER -> CompletableFuture.completedFuture(result(request));
            case THROW -> throw new IllegalStateException("out of order");
        };
    }

    static ExtendResult result(ExtendRequest request) {
        return new ExtendResult.Generated(
                request.key(),
                request.lease(),
                new Step("step", List.of(1), StepEnd.STEP, StepLimit.NONE, -1, 1),
                USAGE);
    }

    /** The next request that was started. */
    Held next() {
        try {
            var held = started.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(held).as("a request that was started").isNotNull();
            return held;
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    boolean hasStartedMore() {
        return !started.isEmpty();
    }

    boolean isClosed() {
        try {
            return closed.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
