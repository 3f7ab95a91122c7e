package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.coordinator.job.JobEvent;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The read model on SQLite, and what only a data directory can show. */
class SqliteReadModelTest extends ReadModelContract {
    @TempDir
    private Path directory;

    @Override
    Config storage() {
        return in(directory.resolve("contract"));
    }

    private static Config in(Path directory) {
        return ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", directory.toString()));
    }

    @Test
    void theDirectoryBelongsToOneProcess() {
        assertThatThrownBy(() -> Storage.open(StorageSettings.from(storage().withFallback(ConfigFactory.load()))))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("must belong to one process: process "
                        + ProcessHandle.current().pid() + " has it");
    }

    /** {@code data-1} was written by the program's version before the read model, and killed. */
    @Test
    void aDirectoryOfAnEarlierVersionOpens() throws Exception {
        var data = Files.createDirectories(directory.resolve("earlier"));
        Files.copy(Path.of("src", "test", "resources", "data-1", Dialect.FILE), data.resolve(Dialect.FILE));
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), "earlier", CompatibilityKit.settings(in(data)));
        try {
            var model = ReadModel.get(system);
            var jobs = model.jobs(JobFilter.any(), Optional.empty(), 9)
                    .toCompletableFuture()
                    .get();

            assertThat(jobs).hasSize(1);
            assertThat(jobs.getFirst().total()).isEqualTo(2);
            assertThat(jobs.getFirst().status()).isEqualTo("succeeded");
            assertThat(jobs.getFirst().first()).isInstanceOf(JobEvent.Accepted.class);
            var problems = model.problems(jobs.getFirst().id(), Optional.empty(), 0, 9)
                    .toCompletableFuture()
                    .get();
            assertThat(problems).extracting(ProblemRow::status).containsExactly("succeeded", "succeeded");
            assertThat(problems.getLast().prompt().lastQuestion()).isEqualTo("Evaluate 3 + 4.");
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get();
        }
    }
}
