package cloudchamber.coordinator.grade.algebra;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads times of day: {@code 10:30 a.m.}, {@code 3 pm}, {@code 15:30}, {@code noon}. */
final class TimeOfDay {
    private static final Pattern CLOCK = Pattern.compile("(\\d{1,2}):(\\d\\d)(?::(\\d\\d))?([ap]m)?");
    private static final Pattern HOUR = Pattern.compile("(\\d{1,2})([ap]m|o'clock)");
    private static final int LENGTH_MAX = 40;
    private static final int HOURS = 12;
    private static final int MINUTE = 60;

    private TimeOfDay() {}

    /** The time that an answer is; empty if it is another answer. */
    static Optional<Value> read(String answer) {
        if (answer.length() > LENGTH_MAX) {
            return Optional.empty();
        }
        String bare = answer.replaceAll(
                        "\\\\(?:text|mathrm|textrm|mbox|colon)(?![a-z])", answer.contains("\\colon") ? ":" : "")
                .replaceAll("\\\\[,;: ]|[\\s{}~$]", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("([ap])\\.?m\\.?$", "$1m");
        return switch (bare) {
            case "noon" -> Optional.of(new Value.Time(0, Value.Half.AFTERNOON));
            case "midnight" -> Optional.of(new Value.Time(0, Value.Half.MORNING));
            default -> clock(bare);
        };
    }

    private static Optional<Value> clock(String bare) {
        Matcher clock = CLOCK.matcher(bare);
        if (clock.matches()) {
            int second = clock.group(3) == null ? 0 : Integer.parseInt(clock.group(3));
            return time(Integer.parseInt(clock.group(1)), Integer.parseInt(clock.group(2)), second, clock.group(4));
        }
        Matcher hour = HOUR.matcher(bare);
        return hour.matches()
                ? time(Integer.parseInt(hour.group(1)), 0, 0, hour.group(2).length() > 2 ? null : hour.group(2))
                : Optional.empty();
    }

    private static Optional<Value> time(int hour, int minute, int second, String half) {
        boolean valid =
                minute < MINUTE && second < MINUTE && (half == null ? hour < 2 * HOURS : 0 < hour && hour <= HOURS);
        if (!valid) {
            return Optional.empty();
        }
        Value.Half named;
        if (half != null) {
            named = half.equals("am") ? Value.Half.MORNING : Value.Half.AFTERNOON;
        } else if (hour > HOURS) {
            named = Value.Half.AFTERNOON;
        } else {
            named = hour == 0 ? Value.Half.MORNING : Value.Half.EITHER;
        }
        return Optional.of(new Value.Time(((hour % HOURS) * MINUTE + minute) * MINUTE + second, named));
    }
}
