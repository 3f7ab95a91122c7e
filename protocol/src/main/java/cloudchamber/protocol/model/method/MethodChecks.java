package cloudchamber.protocol.model.method;

/** Checks of choices that do not fit every method. */
final class MethodChecks {
    private MethodChecks() {}

    /** A target with a law of its own, which a method that moves or pools particles needs. */
    static void stationary(Target target) {
        if (target == Target.PAPER || target == Target.ITS_HUB) {
            throw new IllegalArgumentException(
                    "method.target must be final, product or final-log for this method: was " + target.id());
        }
    }

    static void fits(Target target, Aggregation aggregation) {
        if (target == Target.PRODUCT && aggregation != Aggregation.LAST) {
            throw new IllegalArgumentException(
                    "method.aggregation must be last for the target product, which uses every step's own score: was "
                            + aggregation.id());
        }
    }

    /** A scheme that has a conditional form. */
    static void conditional(Resampling resampling) {
        if (resampling != Resampling.MULTINOMIAL && resampling != Resampling.SYSTEMATIC) {
            throw new IllegalArgumentException(
                    "method.resampling must be multinomial or systematic for this method: was " + resampling.id());
        }
    }
}
