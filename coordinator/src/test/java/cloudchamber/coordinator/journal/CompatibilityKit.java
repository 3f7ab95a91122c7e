package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.persistence.CapabilityFlag;
import org.apache.pekko.persistence.japi.journal.JavaJournalSpec;
import org.apache.pekko.persistence.japi.snapshot.JavaSnapshotStoreSpec;
import org.junit.jupiter.api.DynamicTest;
import org.scalatest.Args;
import org.scalatest.Reporter;
import org.scalatest.Suite;
import org.scalatest.events.Event;
import org.scalatest.events.TestFailed;
import org.scalatest.events.TestSucceeded;
import scala.Option;

/** Pekko's compatibility kit for persistence plugins, run by JUnit. */
final class CompatibilityKit {
    private CompatibilityKit() {}

    /** The settings of a system whose plugins are ours. */
    static Config settings(Config storage) {
        return storage.withFallback(ConfigFactory.parseString("""
                        pekko.actor.provider = local
                        pekko.persistence.journal.plugin = "cloudchamber.journal.events"
                        pekko.persistence.snapshot-store.plugin = "cloudchamber.journal.snapshots"
                        """)).withFallback(ConfigFactory.load());
    }

    static Stream<DynamicTest> journal(Config storage) {
        return tests(new JavaJournalSpec(settings(storage)) {
            /* An event that cannot be written fails its entity, which counts the tries and ends typed: ProblemTest. */
            @Override
            public CapabilityFlag supportsRejectingNonSerializableObjects() {
                return CapabilityFlag.off();
            }
        });
    }

    static Stream<DynamicTest> snapshots(Config storage) {
        return tests(new JavaSnapshotStoreSpec(settings(storage)));
    }

    private static Stream<DynamicTest> tests(Suite suite) {
        List<Event> events = Collections.synchronizedList(new ArrayList<>());
        Reporter reporter = events::add;
        var finished = suite.run(
                Option.empty(),
                Args.apply(
                        reporter,
                        Args.apply$default$2(),
                        Args.apply$default$3(),
                        Args.apply$default$4(),
                        Args.apply$default$5(),
                        Args.apply$default$6(),
                        Args.apply$default$7(),
                        Args.apply$default$8(),
                        Args.apply$default$9(),
                        Args.apply$default$10()));
        finished.waitUntilCompleted();
        var tests = events.stream().flatMap(CompatibilityKit::test).toList();
        assertThat(tests).as("the tests of " + suite.suiteName()).hasSizeGreaterThan(6);
        assertThat(finished.succeeds() || tests.size() > 6).isTrue();
        return tests.stream();
    }

    private static Stream<DynamicTest> test(Event event) {
        return switch (event) {
            case TestSucceeded passed -> Stream.of(DynamicTest.dynamicTest(passed.testName(), () -> {}));
            case TestFailed failed ->
                Stream.of(DynamicTest.dynamicTest(failed.testName(), () -> {
                    throw new AssertionError(
                            failed.message(), failed.throwable().getOrElse(() -> null));
                }));
            default -> Stream.empty();
        };
    }
}
