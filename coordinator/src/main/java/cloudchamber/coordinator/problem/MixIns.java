package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.protocol.model.Aggregation;
import cloudchamber.protocol.model.MethodSettings;
import cloudchamber.protocol.model.ParticleFilterSettings;
import cloudchamber.protocol.model.Resampling;
import cloudchamber.protocol.model.Selection;
import cloudchamber.protocol.model.Target;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.module.SimpleModule;

/** How the pure values are written: by their frozen ids, in the journal as in JSON. */
public final class MixIns extends SimpleModule {
    private static final long serialVersionUID = 1L;

    public MixIns() {
        super("cloudchamber");
        setMixInAnnotation(MethodSettings.class, ByMethodId.class);
        setMixInAnnotation(MethodEvent.class, ByEventName.class);
        setMixInAnnotation(Target.class, ById.class);
        setMixInAnnotation(Resampling.class, ById.class);
        setMixInAnnotation(Aggregation.class, ById.class);
        setMixInAnnotation(Selection.class, ById.class);
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "id")
    @JsonSubTypes(@JsonSubTypes.Type(value = ParticleFilterSettings.class, name = ParticleFilterSettings.ID))
    private interface ByMethodId {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = MethodEvent.RoundClosed.class, name = "round-closed"),
        @JsonSubTypes.Type(value = MethodEvent.RunFailed.class, name = "run-failed")
    })
    private interface ByEventName {}

    private interface ById {
        @JsonValue
        String id();
    }
}
