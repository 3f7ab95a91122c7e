package cloudchamber.coordinator.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is copied comes back as it was, and what is not whole does not come back. */
class BackupTest {
    private static final Path RESOURCES = Path.of("src", "test", "resources");

    @TempDir
    private Path directory;

    /** {@code data-3} was written by the program with the schema 3, with the bundled models. */
    @Test
    void aDirectoryOfAnEarlierVersionIsCopiedWhileItIsOpenAndComesBack() throws Exception {
        var data = existing("data-3");
        var copy = directory.resolve("copy.db");
        var before = with(data, () -> {
            var contents = Backup.write(data, copy);
            assertThat(contents.jobs()).isEqualTo(2);
            assertThat(contents.problems()).isEqualTo(2);
            assertThat(contents.events()).isGreaterThan(10);
            assertThat(contents.bytes()).isEqualTo(Files.size(copy));
        });
        assertThat(before).hasSize(2).allMatch(job -> job.status().equals("succeeded"));

        var restored = directory.resolve("restored");
        assertThat(Backup.restore(copy, restored)).isEqualTo(Backup.verify(copy));

        assertThat(with(restored, () -> {})).isEqualTo(before);
    }

    @Test
    void aCopyOfAnOldDirectoryComesBack() throws Exception {
        var copy = directory.resolve("copy.db");
        var contents = Backup.write(existing("data-3"), copy);
        assertThat(Integer.parseInt(contents.schema())).isEqualTo(3);
    }

    @Test
    void nothingIsWrittenOver() throws Exception {
        var data = existing("data-3");
        var copy = directory.resolve("copy.db");
        Backup.write(data, copy);

        assertThatThrownBy(() -> Backup.write(data, copy))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("must not be there yet");
        assertThatThrownBy(() -> Backup.restore(copy, data))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("must not be there yet");
        assertThatThrownBy(() -> Backup.write(directory.resolve("none"), directory.resolve("x.db")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("must hold a database");
        assertThatThrownBy(() -> Backup.restore(directory.resolve("none"), directory.resolve("x")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("a copy must be there");
    }

    @Test
    void aCopyThatIsNotWholeIsRefusedAndLeavesNothing() throws Exception {
        var copy = directory.resolve("copy.db");
        Backup.write(existing("data-3"), copy);

        var changed = Files.copy(copy, directory.resolve("changed.db"));
        execute(changed, "update journal set payload = x'00' where sequence_number = 2");
        refused(changed, "its checksum differs");
        var cut = directory.resolve("cut.db");
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(copy), (int) Files.size(copy) / 2));
        refused(cut, "the copy");
        var other = Files.writeString(directory.resolve("other.db"), "no database");
        refused(other, "the copy");
        var later = Files.copy(copy, directory.resolve("later.db"));
        execute(later, """
                insert into flyway_schema_history select 99, '99', 'later', type, 'V99__later.sql', checksum,
                  installed_by, installed_on, execution_time, success from flyway_schema_history where installed_rank = 1""");
        refused(later, "of a later one");
    }

    private void refused(Path copy, String why) {
        var target = directory.resolve("target");
        assertThatThrownBy(() -> Backup.restore(copy, target))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(why);
        assertThat(target.resolve(Dialect.FILE)).doesNotExist();
    }

    // ---- helpers

    private Path existing(String name) throws Exception {
        var data = Files.createDirectories(directory.resolve(name));
        Files.copy(RESOURCES.resolve(name).resolve(Dialect.FILE), data.resolve(Dialect.FILE));
        return data;
    }

    private static void execute(Path database, String sql) throws Exception {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    /** Opens a directory, works, and tells its jobs. */
    private static List<JobRow> with(Path data, Work work) throws Exception {
        ActorSystem<Void> system = ActorSystem.create(
                Behaviors.empty(),
                "backup",
                CompatibilityKit.settings(
                        ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", data.toString()))));
        try {
            var model = ReadModel.get(system);
            work.run();
            return model.jobs(JobFilter.any(), Optional.empty(), 9)
                    .toCompletableFuture()
                    .get();
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get();
        }
    }
}
