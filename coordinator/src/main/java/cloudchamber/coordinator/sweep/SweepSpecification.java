package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.job.JobSpecification;
import java.util.List;

/**
 * What a client submits.
 *
 * @param id the client's, so that the same sweep can be submitted again
 * @param source the request as JSON, for people
 * @param skipped combinations of the grid that cannot run, and why
 * @param references accuracies known from elsewhere
 */
public record SweepSpecification(
        String id,
        String name,
        String source,
        List<DataSet> dataSets,
        SweepPlan plan,
        List<Skipped> skipped,
        List<Reference> references) {

    /** @param budget in generations; 0 where an allocation was asked for */
    public record Skipped(String method, int budget, String reason) {}

    /** @param accuracy in [0, 1] */
    public record Reference(String name, double accuracy, String source) {}

    public SweepSpecification {
        dataSets = List.copyOf(dataSets);
        skipped = List.copyOf(skipped);
        references = List.copyOf(references);
    }

    DataSet dataSet(String name) {
        return dataSets.stream()
                .filter(set -> set.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A job whole, as it is submitted. */
    JobSpecification job(SweepPlan.CellJob job) {
        var dataSet = dataSet(job.dataSet());
        return new JobSpecification(
                job.id(),
                dataSet.items().stream()
                        .map(item -> new JobSpecification.Question(item.id(), item.prompt(dataSet.systemPrompt())))
                        .toList(),
                job.method(),
                job.policy(),
                job.prm(),
                job.sampling(),
                job.limits(),
                job.stops(),
                job.seed(),
                dataSet.grader());
    }
}
