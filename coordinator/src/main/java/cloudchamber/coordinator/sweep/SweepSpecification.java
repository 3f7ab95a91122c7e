package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.job.JobSpecification;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What a client submits.
 *
 * @param id the client's, so that the same sweep can be submitted again
 * @param source the request as JSON, for people
 * @param skipped combinations of the grid that cannot run, and why
 * @param references accuracies known from elsewhere
 * @param tenant whose the sweep is; null stands for the default tenant
 */
public record SweepSpecification(
        String id,
        String name,
        String source,
        List<DataSet> dataSets,
        SweepPlan plan,
        List<Skipped> skipped,
        List<Reference> references,
        @JsonInclude(JsonInclude.Include.NON_NULL) String tenant) {

    /** @param budget in generations; 0 where an allocation was asked for */
    public record Skipped(String method, int budget, String reason) {}

    /** @param accuracy in [0, 1] */
    public record Reference(String name, double accuracy, String source) {}

    public SweepSpecification {
        dataSets = List.copyOf(dataSets);
        skipped = List.copyOf(skipped);
        references = List.copyOf(references);
    }

    /** One of the default tenant. */
    public SweepSpecification(
            String id,
            String name,
            String source,
            List<DataSet> dataSets,
            SweepPlan plan,
            List<Skipped> skipped,
            List<Reference> references) {
        this(id, name, source, dataSets, plan, skipped, references, null);
    }

    /** The same sweep of a tenant, its jobs under ids that no other tenant's sweep has. */
    public SweepSpecification ownedBy(String owner) {
        return JobSpecification.DEFAULT_TENANT.equals(owner)
                ? this
                : new SweepSpecification(
                        id,
                        name,
                        source,
                        dataSets,
                        plan.renamed(job -> id + "-" + Grid.hash(owner + "|" + job)),
                        skipped,
                        references,
                        owner);
    }

    /**
     * The same sweep submitted again: data sets that were accepted before there were extractions keep the rules that
     * their answers were graded by, unless another than the usual one is asked for.
     */
    SweepSpecification again(SweepSpecification accepted) {
        var sets = dataSets.stream()
                .map(set -> accepted.dataSets().stream()
                                .anyMatch(known -> known.extraction() == null
                                        && known.equals(set.withExtraction(null))
                                        && Extraction.STANDARD.equals(set.extraction()))
                        ? set.withExtraction(null)
                        : set)
                .toList();
        return new SweepSpecification(id, name, source, sets, plan, skipped, references, tenant);
    }

    /** The name of the tenant whose the sweep is. */
    public String owner() {
        return tenant == null ? JobSpecification.DEFAULT_TENANT : tenant;
    }

    DataSet dataSet(String name) {
        return dataSets.stream()
                .filter(set -> set.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A job whole, as it is submitted. */
    public JobSpecification job(SweepPlan.CellJob job) {
        var dataSet = dataSet(job.dataSet());
        return new JobSpecification(
                        job.id(),
                        dataSet.items().stream()
                                .map(item -> new JobSpecification.Question(
                                        item.id(),
                                        item.prompt(dataSet.systemPrompt())
                                                .withTemplateArguments(job.templateArguments())))
                                .toList(),
                        job.method(),
                        job.policy(),
                        job.prm(),
                        job.sampling(),
                        job.limits(),
                        job.stops(),
                        job.seed(),
                        dataSet.grader())
                .withParticles(job.endAtAnswer(), job.thinking())
                .withExtraction(dataSet.extraction())
                .ownedBy(owner());
    }
}
