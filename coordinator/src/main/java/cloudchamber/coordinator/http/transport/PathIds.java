package cloudchamber.coordinator.http.transport;

import cloudchamber.coordinator.job.JobSpecification;
import java.util.regex.Pattern;

/** Which texts can be ids that stand in a path. */
public final class PathIds {
    private static final Pattern JOB = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private PathIds() {}

    /** Whether a text can be a job's id. */
    public static boolean isJob(String text) {
        return JOB.matcher(text).matches();
    }

    /** Whether a text can be a problem's id. */
    public static boolean isProblem(String text) {
        return !text.isBlank()
                && text.length() <= JobSpecification.MAX_ID_LENGTH
                && text.chars().noneMatch(Character::isISOControl)
                && Reading.isUnicode(text)
                && !text.equals(".")
                && !text.equals("..");
    }
}
