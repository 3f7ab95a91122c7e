package cloudchamber.coordinator.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import cloudchamber.coordinator.access.Keyring.Finding;
import cloudchamber.coordinator.access.Keyring.Standing;
import cloudchamber.coordinator.journal.KeyStore;
import cloudchamber.coordinator.journal.KeyStore.SessionRow;
import cloudchamber.coordinator.journal.StorageSettings;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node knows of keys that another node makes and revokes, by a clock of the test's own. */
class KeyringTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long PROMISED_MILLIS = 5000;

    @TempDir
    private Path folder;

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private KeyStore store;
    private Keyring keyring;

    @BeforeEach
    void open() {
        store = KeyStore.open(
                StorageSettings.from(ConfigFactory.parseMap(Map.of("cloudchamber.journal.directory", folder.toString()))
                        .withFallback(ConfigFactory.load())));
        keyring = new Keyring(store, false, Optional.empty(), clock::get);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get();
    }

    private KeyOrder.Issued kept(Optional<Duration> validFor) throws Exception {
        var issued = new KeyOrder("", KeyRole.SUBMIT, "red", validFor).issue(RANDOM, clock.get());
        get(store.add(issued.row()));
        return issued;
    }

    @Test
    void aKeyOfAnotherNodeIsKnownAndItsEndIsSeenInTime() throws Exception {
        assertThat(get(keyring.isEmpty())).isTrue();
        clock.addAndGet(201);
        var issued = kept(Optional.empty());
        assertThat(get(keyring.find(issued.key())))
                .isEqualTo(new Finding.Known(new Caller(issued.row().id(), KeyRole.SUBMIT, new Tenant("red"))));
        assertThat(get(keyring.isEmpty())).isFalse();

        get(store.revoke(issued.row().id(), clock.get()));
        clock.addAndGet(PROMISED_MILLIS);

        assertThat(get(keyring.find(issued.key()))).isEqualTo(new Finding.Over(Standing.REVOKED));
        assertThat(get(keyring.holds(new Caller(issued.row().id(), KeyRole.SUBMIT, new Tenant("red")))))
                .isFalse();
        assertThat(get(keyring.isEmpty())).isFalse();
    }

    @Test
    void theFirstKeyOfAnotherNodeIsNoticed() throws Exception {
        assertThat(get(keyring.isEmpty())).isTrue();
        kept(Optional.empty());

        await().until(() -> {
            clock.addAndGet(201);
            return !get(keyring.isEmpty());
        });
    }

    /** The nodes share a database: what one of them knew a moment ago is no answer. */
    @Test
    void afterTheFirstKeyOfAnotherNodeNobodyIsLetInWithoutOne() throws Exception {
        var other = new Keyring(store, true, Optional.empty(), clock::get);
        assertThat(get(other.isEmpty())).isTrue();
        assertThat(get(other.isEmpty())).isTrue();
        kept(Optional.empty());

        assertThat(get(other.isEmpty())).isFalse();
        store.close();
        assertThat(get(other.isEmpty()))
                .as("known for ever: a key is never forgotten")
                .isFalse();
    }

    @Test
    void whereKeysAreSharedAndTheDatabaseDoesNotAnswerNobodyIsLetIn() throws Exception {
        var other = new Keyring(store, true, Optional.empty(), clock::get);
        assertThat(get(other.isEmpty())).isTrue();
        store.close();

        assertThatThrownBy(() -> get(other.isEmpty())).isInstanceOf(Exception.class);
    }

    @Test
    void whoAsksWhileAReadingIsUnderWayWaitsForTheNext() throws Exception {
        var other = new Keyring(store, true, Optional.empty(), clock::get);
        for (int round = 0; round < 50; round++) {
            var before = other.isEmpty();
            var during = other.isEmpty();
            assertThat(get(before)).isTrue();
            assertThat(get(during)).isTrue();
        }
        var early = other.isEmpty();
        kept(Optional.empty());
        assertThat(get(other.isEmpty())).isFalse();
        get(early);
    }

    @Test
    void aServerWithoutKeysAnswersWhileTheDatabaseDoesNot() throws Exception {
        assertThat(get(keyring.isEmpty())).isTrue();
        store.close();
        clock.addAndGet(PROMISED_MILLIS);

        assertThat(get(keyring.isEmpty())).isTrue();
        assertThatThrownBy(() -> get(keyring.find(ApiKey.random(RANDOM)))).isInstanceOf(Exception.class);
    }

    @Test
    void anEndIsSeenAlsoByAClockThatWentBack() throws Exception {
        var issued = kept(Optional.empty());
        get(keyring.find(issued.key()));
        get(store.revoke(issued.row().id(), clock.get()));

        clock.addAndGet(-3_600_000);

        assertThat(get(keyring.find(issued.key()))).isEqualTo(new Finding.Over(Standing.REVOKED));
    }

    @Test
    void aKeyExpiresToTheMillisecond() throws Exception {
        var issued = kept(Optional.of(Duration.ofSeconds(1)));

        clock.addAndGet(999);
        assertThat(get(keyring.find(issued.key()))).isInstanceOf(Finding.Known.class);
        clock.addAndGet(1);
        assertThat(get(keyring.find(issued.key()))).isEqualTo(new Finding.Over(Standing.EXPIRED));
    }

    @Test
    void aSessionIsAsGoodAsItsKeyAndEndsByItself() throws Exception {
        var issued = kept(Optional.empty());
        get(store.addSession(new SessionRow(ApiKey.hash("token"), issued.row().id(), clock.get() + 100), 0));

        assertThat(get(keyring.findSession("token"))).isInstanceOf(Finding.Known.class);
        assertThat(get(keyring.findSession("another"))).isInstanceOf(Finding.Unknown.class);
        clock.addAndGet(100);
        assertThat(get(keyring.findSession("token"))).isInstanceOf(Finding.Unknown.class);
    }

    @Test
    void theProcessHasAKeyOfItsOwn() throws Exception {
        var own = ApiKey.random(RANDOM);
        var ring = new Keyring(store, false, Optional.of(own), clock::get);

        assertThat(get(ring.find(own))).isEqualTo(new Finding.Known(Caller.ANYBODY));
        assertThat(get(ring.find(ApiKey.random(RANDOM)))).isInstanceOf(Finding.Unknown.class);
    }

    @Test
    void nothingThatPrintsAKeyShowsIt() throws Exception {
        var issued = kept(Optional.empty());
        var text = issued.key().text().value();

        assertThat(text).matches(ApiKey.PATTERN);
        assertThat(issued + " " + get(store.keys())).doesNotContain(text);
        assertThat(issued.row().hash()).hasSize(64).isEqualTo(ApiKey.hash(text));
    }
}
