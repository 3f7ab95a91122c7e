package cloudchamber.coordinator.problem;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.method.Cost;
import cloudchamber.coordinator.method.MethodEvent;
import cloudchamber.coordinator.method.Node;
import cloudchamber.coordinator.method.Population;
import cloudchamber.protocol.model.EndAtAnswer;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Thinking;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.BeamSearchSettings;
import cloudchamber.protocol.model.method.BestOfNSettings;
import cloudchamber.protocol.model.method.DvtsSettings;
import cloudchamber.protocol.model.method.EntropicParticleFilterSettings;
import cloudchamber.protocol.model.method.GreedySettings;
import cloudchamber.protocol.model.method.IslandsSettings;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParallelTemperingSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.ParticleGibbsSettings;
import cloudchamber.protocol.model.method.PotentialSource;
import cloudchamber.protocol.model.method.RebaseSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.SelfConsistencySettings;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.Tempering;
import cloudchamber.protocol.model.method.WeightedBestOfNSettings;
import com.fasterxml.jackson.annotation.JsonInclude;
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
        setMixInAnnotation(Cost.class, SlotTimesIfAny.class);
        setMixInAnnotation(Node.class, ReplacedIfAny.class);
        setMixInAnnotation(Population.class, ChildTemperatureIfAny.class);
        setMixInAnnotation(MethodEvent.RunStopped.class, TemperatureIfAny.class);
        setMixInAnnotation(Target.class, ById.class);
        setMixInAnnotation(Resampling.class, ById.class);
        setMixInAnnotation(Aggregation.class, ById.class);
        setMixInAnnotation(Selection.class, ById.class);
        setMixInAnnotation(PotentialSource.class, ById.class);
        setMixInAnnotation(EndAtAnswer.class, ById.class);
        setMixInAnnotation(Thinking.class, SetAlone.class);
        setMixInAnnotation(Prompt.class, WithArgumentsIfAny.class);
        setMixInAnnotation(Tempering.class, ById.class);
        setMixInAnnotation(Extraction.class, NotEmpty.class);
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "id")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = GreedySettings.class, name = GreedySettings.ID),
        @JsonSubTypes.Type(value = SelfConsistencySettings.class, name = SelfConsistencySettings.ID),
        @JsonSubTypes.Type(value = BestOfNSettings.class, name = BestOfNSettings.ID),
        @JsonSubTypes.Type(value = WeightedBestOfNSettings.class, name = WeightedBestOfNSettings.ID),
        @JsonSubTypes.Type(value = BeamSearchSettings.class, name = BeamSearchSettings.ID),
        @JsonSubTypes.Type(value = DvtsSettings.class, name = DvtsSettings.ID),
        @JsonSubTypes.Type(value = RebaseSettings.class, name = RebaseSettings.ID),
        @JsonSubTypes.Type(value = ParticleFilterSettings.class, name = ParticleFilterSettings.ID),
        @JsonSubTypes.Type(value = ParticleGibbsSettings.class, name = ParticleGibbsSettings.ID),
        @JsonSubTypes.Type(value = ParallelTemperingSettings.class, name = ParallelTemperingSettings.ID),
        @JsonSubTypes.Type(value = IslandsSettings.class, name = IslandsSettings.ID),
        @JsonSubTypes.Type(value = EntropicParticleFilterSettings.class, name = EntropicParticleFilterSettings.ID)
    })
    private interface ByMethodId {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = MethodEvent.RoundClosed.class, name = "round-closed"),
        @JsonSubTypes.Type(value = MethodEvent.RunFailed.class, name = "run-failed"),
        @JsonSubTypes.Type(value = MethodEvent.RunStopped.class, name = "run-stopped")
    })
    private interface ByEventName {}

    /** They came later than the rest. */
    private interface SlotTimesIfAny {
        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        long policySlotMillis();

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        long prmSlotMillis();

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        long wastedSlotMillis();
    }

    /** It came later than the rest. */
    private interface ReplacedIfAny {
        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        int replacedCharacters();
    }

    private interface WithArgumentsIfAny {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        String templateArguments();
    }

    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    private interface NotEmpty {}

    private interface SetAlone {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Integer maxTokens();

        @JsonInclude(JsonInclude.Include.NON_DEFAULT)
        boolean unscored();
    }

    private interface ChildTemperatureIfAny {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Double childTemperature();
    }

    private interface TemperatureIfAny {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        Double temperature();
    }

    private interface ById {
        @JsonValue
        String id();
    }
}
