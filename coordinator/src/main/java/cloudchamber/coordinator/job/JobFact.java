package cloudchamber.coordinator.job;

import java.util.List;

/** What happens to the jobs of a node, published on its event stream for those who count. */
public sealed interface JobFact {

    /**
     * The job is on this node and stands so.
     *
     * @param waiting for what; empty while that is not known
     */
    record Stands(String job, JobStatus status, List<Waiting> waiting) implements JobFact {
        public Stands {
            waiting = List.copyOf(waiting);
        }
    }

    /** The job is on this node no more. */
    record Left(String job) implements JobFact {}
}
