package cloudchamber.coordinator.job;

/**
 * The account of one job's places, as the job states it again and again. Both totals only grow during a life, so a
 * claim that is lost, doubled or late changes nothing that a later one does not mend.
 *
 * @param life of the job's actor: a later one begins with both totals at zero
 * @param tenant whose the job is
 * @param weight the job's share against the tenant's other jobs, positive
 * @param granted places granted in this life, as far as the job has been told
 * @param returned places given back in this life
 * @param wanted places the job could use, those it holds included
 */
public record Claim(long life, String tenant, double weight, Need need, long granted, long returned, int wanted) {}
