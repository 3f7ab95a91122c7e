package cloudchamber.prm;

import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.worker.Backend;

/**
 * A process reward model: says how right a prefix is, in log-odds.
 *
 * <p>Laws, held by {@code StepScorerContract}: a request's result carries its key and lease; at least
 * one log-odds and at most one a step; never NaN; the same prefix gives the same score, beside
 * whatever else it is scored; trouble is a typed refusal.
 */
public interface StepScorer extends Backend<ScoreRequest, ScoreResult> {}
