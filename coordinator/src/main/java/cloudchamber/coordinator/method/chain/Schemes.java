package cloudchamber.coordinator.method.chain;

import cloudchamber.coordinator.smc.ConditionalResampler;
import cloudchamber.coordinator.smc.Resampler;
import cloudchamber.coordinator.smc.Resamplers;
import cloudchamber.protocol.model.method.Resampling;

/** The resampling schemes by their frozen ids. */
public final class Schemes {
    private Schemes() {}

    public static Resampler of(Resampling resampling) {
        return switch (resampling) {
            case MULTINOMIAL -> Resamplers.multinomial();
            case RESIDUAL -> Resamplers.residual();
            case STRATIFIED -> Resamplers.stratified();
            case SYSTEMATIC -> Resamplers.systematic();
            case SYSTEMATIC_SHUFFLED -> Resamplers.systematicShuffled();
            case SSP -> Resamplers.ssp();
            case OPTIMAL -> Resamplers.optimal();
        };
    }

    public static ConditionalResampler conditional(Resampling resampling) {
        return switch (resampling) {
            case MULTINOMIAL -> ConditionalResampler.multinomial();
            case SYSTEMATIC -> ConditionalResampler.systematic();
            case RESIDUAL, STRATIFIED, SYSTEMATIC_SHUFFLED, SSP, OPTIMAL ->
                throw new IllegalArgumentException(
                        "method.resampling must be multinomial or systematic for this method: was " + resampling.id());
        };
    }
}
