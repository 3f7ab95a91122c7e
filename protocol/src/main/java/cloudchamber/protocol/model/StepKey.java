package cloudchamber.protocol.model;

/**
 * Names one piece of work of one problem for ever: however often it is tried, one result of it is
 * committed.
 *
 * @param job the job's id
 * @param problem the problem's id within its job
 * @param chain in [0, 65535]; 0 where a method has one chain
 * @param iteration in [0, 65535]; 0 where a method has one iteration
 * @param round at least 0, counted over the whole run of the problem
 * @param slot at least 0; the place of the particle in its round
 */
public record StepKey(String job, String problem, int chain, int iteration, int round, int slot, Purpose purpose) {
    public StepKey {
        Checks.notBlank(job, "job");
        Checks.notBlank(problem, "problem");
        Checks.between(0, 0xFFFF, chain, "chain");
        Checks.between(0, 0xFFFF, iteration, "iteration");
        Checks.atLeast(0, round, "round");
        Checks.atLeast(0, slot, "slot");
        Checks.present(purpose, "purpose");
    }

    @Override
    public String toString() {
        return job + "/" + problem + "/" + chain + "." + iteration + "." + round + "." + slot + "." + purpose;
    }
}
