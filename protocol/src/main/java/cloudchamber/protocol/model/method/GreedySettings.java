package cloudchamber.protocol.model.method;

/**
 * One whole generation at temperature 0. Budget 1.
 */
public record GreedySettings() implements MethodSettings {
    /** The name of this method. */
    public static final String ID = "greedy";

    /** The only one. */
    public static GreedySettings standard() {
        return new GreedySettings();
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Allocation allocation() {
        return new Allocation(1, 1, 1);
    }

    @Override
    public GreedySettings withBudget(int generations) {
        return this;
    }
}
