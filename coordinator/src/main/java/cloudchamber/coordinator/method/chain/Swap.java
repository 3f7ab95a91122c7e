package cloudchamber.coordinator.method.chain;

/** The exchange of two trajectories between chains that sample p(x) · ψ(x)^β at two inverse temperatures. */
final class Swap {
    private Swap() {}

    /**
     * The log of the probability to accept it.
     *
     * @param beta of the one chain, {@code otherBeta} of the other
     * @param logPsi of the trajectory in the one chain, {@code otherLogPsi} in the other
     */
    static double logAcceptance(double beta, double otherBeta, double logPsi, double otherLogPsi) {
        return Math.min(0, (beta - otherBeta) * (otherLogPsi - logPsi));
    }
}
