package cloudchamber.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.spi.AppenderAttachable;
import ch.qos.logback.core.spi.AppenderAttachableImpl;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/** Leaves lines out that come again and again, of this program and of its libraries; named in {@code logback.xml}. */
public final class RepeatedLines extends AppenderBase<ILoggingEvent> implements AppenderAttachable<ILoggingEvent> {
    private static final long REST_INTERVAL_MILLIS = 10_000;

    private final AppenderAttachableImpl<ILoggingEvent> attached = new AppenderAttachableImpl<>();
    private final LineLimits limits = new LineLimits();
    private long restsToldMillis;

    /** One call at a time, as the class above has it. */
    @Override
    protected void append(ILoggingEvent event) {
        long now = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        if (now - restsToldMillis >= REST_INTERVAL_MILLIS) {
            restsToldMillis = now;
            limits.rests(now)
                    .forEach(rest -> attached.appendLoopOnAppenders(
                            event(event.getLevel(), rest.leftOut() + " more lines were like: " + rest.line(), null)));
        }
        var line = event.getLevel() + " " + event.getLoggerName() + " " + event.getFormattedMessage();
        switch (limits.decide(line, now)) {
            case LineLimits.Decision.LeaveOut leftOut -> {}
            case LineLimits.Decision.Write(var leftOut) ->
                attached.appendLoopOnAppenders(leftOut == 0 ? event : counted(event, leftOut));
        }
    }

    private ILoggingEvent counted(ILoggingEvent event, long leftOut) {
        var counted = event(
                event.getLevel(),
                event.getFormattedMessage() + " (and " + leftOut + " more like it)",
                event instanceof LoggingEvent logged && logged.getThrowableProxy() != null
                        ? event.getThrowableProxy().getClassName()
                        : null);
        counted.setLoggerName(event.getLoggerName());
        counted.setThreadName(event.getThreadName());
        counted.setTimeStamp(event.getTimeStamp());
        return counted;
    }

    private LoggingEvent event(Level level, String message, String failure) {
        var event = new LoggingEvent();
        event.setLoggerContext((LoggerContext) getContext());
        event.setLoggerName(Logger.ROOT_LOGGER_NAME);
        event.setLevel(level);
        event.setMessage(failure == null ? message : message + ": " + failure);
        event.setTimeStamp(System.currentTimeMillis());
        event.setThreadName(Thread.currentThread().getName());
        return event;
    }

    @Override
    public void addAppender(Appender<ILoggingEvent> appender) {
        attached.addAppender(appender);
    }

    @Override
    public Iterator<Appender<ILoggingEvent>> iteratorForAppenders() {
        return attached.iteratorForAppenders();
    }

    @Override
    public Appender<ILoggingEvent> getAppender(String name) {
        return attached.getAppender(name);
    }

    @Override
    public boolean isAttached(Appender<ILoggingEvent> appender) {
        return attached.isAttached(appender);
    }

    @Override
    public void detachAndStopAllAppenders() {
        attached.detachAndStopAllAppenders();
    }

    @Override
    public boolean detachAppender(Appender<ILoggingEvent> appender) {
        return attached.detachAppender(appender);
    }

    @Override
    public boolean detachAppender(String name) {
        return attached.detachAppender(name);
    }

    @Override
    public void stop() {
        attached.detachAndStopAllAppenders();
        super.stop();
    }
}
