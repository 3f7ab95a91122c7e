package cloudchamber.bench;

import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.grade.Graders;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long the grader takes over answers that were made to take long. */
final class Grading implements Benchmark {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final double GOAL_MILLIS = 50;
    private static final double NANOS_A_MILLI = 1e6;
    private static final int REPEATS = 20;
    private static final int OPEN_BRACES = 100_000;
    private static final int PIECES = 900;

    @Override
    public String id() {
        return "grading";
    }

    @Override
    public String title() {
        return "an answer that was made to take long is extracted, read and compared";
    }

    @Override
    public String ideal() {
        return "Ideal: no time at all. Score: milliseconds of processor time of the slowest of " + REPEATS
                + " under both profiles, once an ordinary answer has loaded the classes.";
    }

    @Override
    public Figure run(BenchmarkSettings settings, BenchmarkOutput output) {
        var answers = new LinkedHashMap<String, String>();
        answers.put("a tower of powers", "10^{10^{10^{10}}}");
        answers.put("100,000 open braces", "{".repeat(OPEN_BRACES));
        if (settings.all()) {
            answers.put("a nest of powers", "x^".repeat(PIECES) + "x");
            answers.put("a product of powers", "(x+1)^{12}".repeat(50));
            answers.put("large powers", "7^{2500}+".repeat(200) + "1");
            answers.put("signs of both kinds", "\\pm1".repeat(100));
            answers.put("1,900 digits", "9".repeat(2 * PIECES + 100));
        }
        millis(Graders.byId("math"), "\\frac{1}{2}");
        millis(Graders.byId("math-paper"), "\\sqrt{8}+x");
        var slowest = new LinkedHashMap<String, Object>();
        double worst = 0;
        for (var answer : answers.entrySet()) {
            output.progress(answer.getKey());
            double millis = Math.max(
                    millis(Graders.byId("math"), answer.getValue()),
                    millis(Graders.byId("math-paper"), answer.getValue()));
            slowest.put(answer.getKey(), millis);
            output.figure(figure(answer.getKey(), millis, settings, Map.of()));
            worst = Math.max(worst, millis);
        }
        return figure("the slowest", worst, settings, slowest);
    }

    private static Figure figure(String name, double millis, BenchmarkSettings settings, Map<String, Object> details) {
        return new Figure(name, millis, Figure.Direction.LOWER, GOAL_MILLIS, 0, millis, "ms", settings.seed(), details);
    }

    private static double millis(Grader grader, String answer) {
        var text = "The answer is $\\boxed{" + answer + "}$.";
        long worst = 0;
        for (int repeat = 0; repeat < REPEATS; repeat++) {
            long began = THREADS.getCurrentThreadCpuTime();
            var found = grader.extract(text).orElse(answer);
            boolean right = grader.correct(found, "17") || grader.correct(answer, "17");
            worst = Math.max(worst, THREADS.getCurrentThreadCpuTime() - began);
            if (right) {
                throw new BenchmarkFailure("no such answer must be 17: was " + grader.id() + "'s");
            }
        }
        return worst / NANOS_A_MILLI;
    }
}
