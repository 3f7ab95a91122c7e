package cloudchamber.coordinator.job;

import cloudchamber.protocol.wire.Role;

/**
 * The models that a job's problems need.
 *
 * @param numericsFamily of the workers that may serve it, {@code LIBRARY/VARIANT}; null for any
 */
public record Need(String policy, String prm, String numericsFamily) {

    static Need of(JobSpecification specification) {
        return new Need(specification.policy(), specification.prm(), specification.numericsFamily());
    }

    /** @param role that of a policy or of a PRM */
    String model(Role role) {
        return role == Role.POLICY ? policy : prm;
    }

    /** A model with its role: {@code policy smollm2-135m}. */
    String name(Role role) {
        return role.id() + " " + model(role) + (numericsFamily == null ? "" : " of " + numericsFamily);
    }
}
