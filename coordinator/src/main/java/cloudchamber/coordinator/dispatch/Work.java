package cloudchamber.coordinator.dispatch;

import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.wire.Role;
import java.util.List;

/** One piece of work of one problem. Its key names it; a second piece with the same key is a repeat. */
public sealed interface Work {

    StepKey key();

    /** The name of the model that must do it. */
    String model();

    /** The family of numerics classes that a worker must be of, {@code LIBRARY/VARIANT}; null for any. */
    String numericsFamily();

    Prompt prompt();

    /** Every step the request reads. */
    List<PrefixStep> prefix();

    /** The node the result belongs to. */
    NodeReference node();

    /** Which workers can do it. */
    Role role();

    /**
     * A particle to extend.
     *
     * @param node what the new step will be called
     * @param parent the node it hangs from
     * @param prefix (depth of the parent) every step before
     * @param seed the same on every attempt
     * @param maxThinkingTokens what is left to the particle's thoughts; null for no limit of their own
     */
    record Extension(
            StepKey key,
            String model,
            Prompt prompt,
            NodeReference node,
            NodeReference parent,
            List<PrefixStep> prefix,
            Sampling sampling,
            long seed,
            List<String> stops,
            int maxStepTokens,
            int maxTokens,
            Integer maxThinkingTokens,
            String numericsFamily)
            implements Work {

        /** Of a particle whose thoughts have no limit of their own. */
        public Extension(
                StepKey key,
                String model,
                Prompt prompt,
                NodeReference node,
                NodeReference parent,
                List<PrefixStep> prefix,
                Sampling sampling,
                long seed,
                List<String> stops,
                int maxStepTokens,
                int maxTokens,
                String numericsFamily) {
            this(
                    key,
                    model,
                    prompt,
                    node,
                    parent,
                    prefix,
                    sampling,
                    seed,
                    stops,
                    maxStepTokens,
                    maxTokens,
                    null,
                    numericsFamily);
        }

        /** For any worker of the model. */
        public Extension(
                StepKey key,
                String model,
                Prompt prompt,
                NodeReference node,
                NodeReference parent,
                List<PrefixStep> prefix,
                Sampling sampling,
                long seed,
                List<String> stops,
                int maxStepTokens,
                int maxTokens) {
            this(key, model, prompt, node, parent, prefix, sampling, seed, stops, maxStepTokens, maxTokens, null, null);
        }

        @Override
        public Role role() {
            return Role.POLICY;
        }
    }

    /**
     * A prefix to score.
     *
     * @param node the prefix's last node
     * @param parent the node before it
     * @param prefix (T) its steps
     */
    record Scoring(
            StepKey key,
            String model,
            Prompt prompt,
            NodeReference node,
            NodeReference parent,
            List<PrefixStep> prefix,
            String numericsFamily)
            implements Work {

        /** For any worker of the model. */
        public Scoring(
                StepKey key,
                String model,
                Prompt prompt,
                NodeReference node,
                NodeReference parent,
                List<PrefixStep> prefix) {
            this(key, model, prompt, node, parent, prefix, null);
        }

        @Override
        public Role role() {
            return Role.PRM;
        }
    }

    /** The node whose holder has most of the prefix in its cache. */
    default NodeReference held() {
        return switch (this) {
            case Extension extension -> extension.parent();
            case Scoring scoring -> scoring.parent();
        };
    }
}
