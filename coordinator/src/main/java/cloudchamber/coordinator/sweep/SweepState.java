package cloudchamber.coordinator.sweep;

/** A sweep as its events tell it. */
public sealed interface SweepState {

    /** Total: an event that does not fit changes nothing. */
    SweepState evolve(SweepEvent event);

    /** Before it was submitted. */
    record Unknown() implements SweepState {
        @Override
        public SweepState evolve(SweepEvent event) {
            return event instanceof SweepEvent.Accepted(var schema, var specification, var atMillis)
                    ? new Known(specification, SweepStatus.RUNNING, atMillis, atMillis)
                    : this;
        }
    }

    /** @param changedAtMillis when the last event happened */
    record Known(SweepSpecification specification, SweepStatus status, long acceptedAtMillis, long changedAtMillis)
            implements SweepState {
        @Override
        public SweepState evolve(SweepEvent event) {
            return switch (event) {
                case SweepEvent.Accepted(var schema, var other, var atMillis) ->
                    new Known(other, SweepStatus.RUNNING, acceptedAtMillis, atMillis);
                case SweepEvent.Paused(var schema, var atMillis) -> with(SweepStatus.PAUSED, atMillis);
                case SweepEvent.Resumed(var schema, var atMillis) -> with(SweepStatus.RUNNING, atMillis);
                case SweepEvent.Cancelled(var schema, var atMillis) -> with(SweepStatus.CANCELLED, atMillis);
                case SweepEvent.Ended(var schema, var atMillis) -> with(SweepStatus.ENDED, atMillis);
            };
        }

        private Known with(SweepStatus status, long atMillis) {
            return new Known(specification, status, acceptedAtMillis, atMillis);
        }
    }
}
