package cloudchamber.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import cloudchamber.log.LineLimits.Decision;
import cloudchamber.log.LineLimits.Rest;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A line that comes again and again is written three times, then once a minute with a count. */
class LineLimitsTest {
    private final LineLimits limits = new LineLimits();

    private long written(String line, long fromMillis, long toMillis, long everyMillis) {
        long written = 0;
        for (long now = fromMillis; now < toMillis; now += everyMillis) {
            if (limits.decide(line + " " + now, now) instanceof Decision.Write) {
                written++;
            }
        }
        return written;
    }

    @Test
    void aFloodIsThreeLinesAndOneAMinute() {
        assertThat(written("accept failed", 0, 600_000, 10)).isEqualTo(3 + 9);
    }

    @Test
    void whatWasLeftOutIsCounted() {
        long told = 0;
        long came = 0;
        for (long now = 0; now < 300_000; now += 100) {
            came++;
            if (limits.decide("full", now) instanceof Decision.Write(var leftOut)) {
                told += 1 + leftOut;
            }
        }
        long rest = limits.rests(400_000).stream().mapToLong(Rest::leftOut).sum();
        assertThat(told + rest).isEqualTo(came);
        assertThat(limits.rests(400_000)).isEmpty();
    }

    @Test
    void otherLinesAreWritten() {
        written("flood", 0, 1000, 1);
        assertThat(limits.decide("something else", 1000)).isEqualTo(new Decision.Write(0));
    }

    @Test
    void aLineThatDidNotComeForAMinuteIsNew() {
        written("now and then", 0, 1000, 100);
        assertThat(written("now and then", 120_000, 120_300, 100)).isEqualTo(3);
    }

    @Test
    void theLogbackAppenderLeavesLinesOutAndGoesOn() {
        var context = new LoggerContext();
        var list = new ListAppender<ILoggingEvent>();
        list.setContext(context);
        list.start();
        var repeated = new RepeatedLines();
        repeated.setContext(context);
        repeated.addAppender(list);
        repeated.start();
        var logger = context.getLogger("test");
        logger.addAppender(repeated);

        IntStream.range(0, 1000).forEach(number -> logger.warn("the disk is full: [{}]", number));
        logger.warn("other");

        assertThat(list.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("the disk is full: [0]", "the disk is full: [1]", "the disk is full: [2]", "other");
    }
}
