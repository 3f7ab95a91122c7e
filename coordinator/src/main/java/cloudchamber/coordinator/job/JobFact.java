package cloudchamber.coordinator.job;

/** What happens to the jobs of a node, published on its event stream for those who count. */
public sealed interface JobFact {

    /** The job is on this node and stands so. */
    record Stands(String job, JobStatus status) implements JobFact {}

    /** The job is on this node no more. */
    record Left(String job) implements JobFact {}
}
