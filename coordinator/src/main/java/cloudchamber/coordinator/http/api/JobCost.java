package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.journal.Change;

/** What a job or a problem took, the work that was done and not used apart. */
public record JobCost(
        long policyCalls,
        long prmCalls,
        long promptTokens,
        long cachedTokens,
        long completionTokens,
        long prmTokens,
        long wastedTokens,
        long policySlotMillis,
        long prmSlotMillis,
        long wastedSlotMillis) {

    public static JobCost of(Change.Result result) {
        return new JobCost(
                result.policyCalls(),
                result.prmCalls(),
                result.promptTokens(),
                result.cachedTokens(),
                result.completionTokens(),
                result.prmTokens(),
                result.wastedTokens(),
                result.policySlotMillis(),
                result.prmSlotMillis(),
                result.wastedSlotMillis());
    }
}
