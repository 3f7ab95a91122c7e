package cloudchamber.coordinator.grade.algebra;

/**
 * How much work an answer may still cost. A step is one token read, one term multiplied, one node
 * evaluated: work counts the same on every machine, so a verdict never depends on how busy it was.
 */
public final class Steps {
    static final int MAX = 20_000;

    private int left = MAX;

    void spend(int count) throws Unreadable {
        left -= count;
        if (left < 0) {
            throw new Unreadable("an answer may cost at most " + MAX + " steps");
        }
    }

    public int spent() {
        return MAX - left;
    }
}
