package cloudchamber.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar over a job's problems on standard error; nothing when that is not a terminal. */
public final class Progress implements AutoCloseable {
    private static final int REFRESH_MILLIS = 200;

    private final Optional<ProgressBar> bar;

    private Progress(Optional<ProgressBar> bar) {
        this.bar = bar;
    }

    public static Progress of(String task, long problems) {
        if (System.console() == null || !System.console().isTerminal()) {
            return new Progress(Optional.empty());
        }
        return new Progress(Optional.of(new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(problems)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(REFRESH_MILLIS)
                .build()));
    }

    /** Shows how many problems of {@code job} are over. */
    public void update(JsonNode job) {
        var counts = job.path("counts");
        bar.ifPresent(shown -> shown.stepTo(counts.path("succeeded").asLong()
                + counts.path("failed").asLong()
                + counts.path("cancelled").asLong()));
        var waiting = job.path("waitingFor");
        if (!waiting.isEmpty()) {
            bar.ifPresent(shown -> shown.setExtraMessage(" waiting for " + waiting));
        }
    }

    /** Shows that so many problems are over. */
    public void at(long problems) {
        bar.ifPresent(shown -> shown.stepTo(problems));
    }

    @Override
    public void close() {
        bar.ifPresent(ProgressBar::close);
    }
}
