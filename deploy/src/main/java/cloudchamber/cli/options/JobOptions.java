package cloudchamber.cli.options;

import cloudchamber.client.ApiClient;
import cloudchamber.models.RemoteModelConfig;
import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** The options that say how a problem is solved. */
public final class JobOptions {
    private static final int STANDARD_MAX_STEPS = 40;
    private static final int STANDARD_MAX_STEP_TOKENS = 512;

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            defaultValue = "bundled",
            description = "The model that writes steps (default: ${DEFAULT-VALUE}).")
    private String policy;

    @Option(
            names = "--prm",
            paramLabel = "NAME",
            defaultValue = "bundled",
            description = "The model that scores them (default: ${DEFAULT-VALUE}); judge:NAME asks a chat model.")
    private String prm;

    @Option(
            names = "--particles",
            paramLabel = "N",
            defaultValue = "16",
            description = "Partial answers kept at a time (default: ${DEFAULT-VALUE}).")
    private int particles;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.8",
            description = "Sampling temperature of the policy (default: ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "0",
            description = "Same seed, same result (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--target",
            paramLabel = "ID",
            defaultValue = "final",
            description = "The distribution sampled: final, product (default: ${DEFAULT-VALUE}).")
    private String target;

    @Option(
            names = "--max-steps",
            paramLabel = "N",
            defaultValue = "" + STANDARD_MAX_STEPS,
            description = "Steps a particle may have (default: ${DEFAULT-VALUE}).")
    private int maxSteps;

    @Option(
            names = "--max-step-tokens",
            paramLabel = "N",
            defaultValue = "" + STANDARD_MAX_STEP_TOKENS,
            description = "Tokens a step may have (default: ${DEFAULT-VALUE}).")
    private int maxStepTokens;

    @Option(
            names = "--system-prompt",
            paramLabel = "TEXT",
            description = "What the policy is told before each question.")
    private String systemPrompt;

    @Option(
            names = "--budget-tokens",
            paramLabel = "N",
            description = "Tokens to generate for a problem; what it has then is its answer.")
    private Long budgetTokens;

    @Option(
            names = "--budget-seconds",
            paramLabel = "S",
            description = "Time for a problem; what is finished then gives its answer.")
    private Double budgetSeconds;

    @Option(
            names = "--numerics-family",
            paramLabel = "LIBRARY/VARIANT",
            description = {
                "Let only workers of this family serve the job: the first two parts of the numerics class that",
                "./cloudchamber workers shows (default: any; equal bits are promised within one class)."
            })
    private String numericsFamily;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description = {
                "How long the job's work may meet nothing but trouble of the infrastructure before a problem fails",
                "(default: the server's setting, 600)."
            })
    private Double patienceSeconds;

    public String policy() {
        return policy;
    }

    public String prm() {
        return prm;
    }

    public int particles() {
        return particles;
    }

    long seed() {
        return seed;
    }

    /** Whether every option has its default. */
    public boolean isStandard() {
        var standard = CommandLine.populateCommand(new JobOptions());
        return job().equals(standard.job());
    }

    /** The job these options ask for, without its problems. */
    public ObjectNode job() {
        return job(particles);
    }

    public ObjectNode job(int particleCount) {
        var job = ApiClient.JSON.createObjectNode();
        job.putObject("method")
                .put("id", "particle-filter")
                .put("particles", particleCount)
                .put("target", target);
        job.put("policy", RemoteModelConfig.announced(policy))
                .put("prm", RemoteModelConfig.announced(prm))
                .put("seed", seed);
        var sampling = job.putObject("sampling").put("temperature", temperature);
        // What was not asked for is left out, so that a small context is no contradiction.
        if (maxSteps != STANDARD_MAX_STEPS) {
            sampling.put("maxSteps", maxSteps);
        }
        if (maxStepTokens != STANDARD_MAX_STEP_TOKENS) {
            sampling.put("maxStepTokens", maxStepTokens);
        }
        if (systemPrompt != null) {
            job.put("systemPrompt", systemPrompt);
        }
        if (budgetTokens != null || budgetSeconds != null) {
            var budget = job.putObject("budget");
            if (budgetTokens != null) {
                budget.put("tokens", budgetTokens);
            }
            if (budgetSeconds != null) {
                budget.put("seconds", budgetSeconds);
            }
        }
        if (numericsFamily != null) {
            job.put("numericsFamily", numericsFamily);
        }
        if (patienceSeconds != null) {
            job.put("patienceSeconds", patienceSeconds);
        }
        return job;
    }
}
