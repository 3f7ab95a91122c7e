package cloudchamber.protocol.model;

/**
 * A method and everything it can be told, one record per method. Flat: every component is a number, a
 * flag, an enum with an id, or a {@link TemperatureSchedule}.
 */
public sealed interface MethodSettings permits ParticleFilterSettings {
    /** The method's frozen name in JSON, on the command line and in events. */
    String id();
}
