package cloudchamber.coordinator.sweep;

import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.MethodSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The cells of a sweep in their order, and the jobs that serve them.
 *
 * @param jobs in the order they are started
 */
public record SweepPlan(List<Cell> cells, List<CellJob> jobs) {

    /**
     * One configuration on one data set with one seed.
     *
     * @param id the same in every run of the same configuration; unique within a sweep
     * @param job the id of the job whose results serve it, which may be a job of more generations
     * @param axes what its method varies, by axis
     */
    public record Cell(
            String id,
            String job,
            String dataSet,
            String policy,
            String prm,
            MethodSettings method,
            double temperature,
            long seed,
            Map<String, String> axes) {
        public Cell {
            axes = Map.copyOf(axes);
        }
    }

    /**
     * A job without its problems, which are the data set's.
     *
     * @param endAtAnswer whether an answer ends a particle; null stands for {@link EndAtAnswer#AT_MARK}, which is
     *     stored so
     * @param thinking how particles may think; null stands for {@link Thinking#FREE}, which is stored so
     * @param templateArguments what the policy's template is told, as the text of a JSON object; null for nothing
     */
    public record CellJob(
            String id,
            String dataSet,
            MethodSettings method,
            String policy,
            String prm,
            Sampling sampling,
            Limits limits,
            List<String> stops,
            long seed,
            @JsonInclude(JsonInclude.Include.NON_NULL) EndAtAnswer endAtAnswer,
            @JsonInclude(JsonInclude.Include.NON_NULL) Thinking thinking,
            @JsonInclude(JsonInclude.Include.NON_NULL) String templateArguments) {
        public CellJob {
            stops = List.copyOf(stops);
            endAtAnswer = endAtAnswer == EndAtAnswer.AT_MARK ? null : endAtAnswer;
            thinking = Thinking.FREE.equals(thinking) ? null : thinking;
        }

        /** One whose particles end and think as those always did that say nothing of it. */
        public CellJob(
                String id,
                String dataSet,
                MethodSettings method,
                String policy,
                String prm,
                Sampling sampling,
                Limits limits,
                List<String> stops,
                long seed) {
            this(id, dataSet, method, policy, prm, sampling, limits, stops, seed, null, null, null);
        }
    }

    public SweepPlan {
        cells = List.copyOf(cells);
        jobs = List.copyOf(jobs);
    }

    /** The same with other ids of the jobs. */
    SweepPlan renamed(UnaryOperator<String> name) {
        return new SweepPlan(
                cells.stream()
                        .map(cell -> new Cell(
                                cell.id(),
                                name.apply(cell.job()),
                                cell.dataSet(),
                                cell.policy(),
                                cell.prm(),
                                cell.method(),
                                cell.temperature(),
                                cell.seed(),
                                cell.axes()))
                        .toList(),
                jobs.stream()
                        .map(job -> new CellJob(
                                name.apply(job.id()),
                                job.dataSet(),
                                job.method(),
                                job.policy(),
                                job.prm(),
                                job.sampling(),
                                job.limits(),
                                job.stops(),
                                job.seed(),
                                job.endAtAnswer(),
                                job.thinking(),
                                job.templateArguments()))
                        .toList());
    }

    /** The job with an id that stands in a cell. */
    public CellJob job(String id) {
        return jobs.stream().filter(job -> job.id().equals(id)).findFirst().orElseThrow();
    }
}
