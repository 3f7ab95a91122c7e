package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.simulated.SimulatedPolicy;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.simulated.SimulatedPrm;
import cloudchamber.protocol.model.NumericsClass;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.SimulatedLatency;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Simulated models, by name: {@code simulated:FILE}, or with a latency law {@code
 * simulated:FILE?mean-millis=50&cv=1}.
 */
public final class Simulated {
    private Simulated() {}

    public static final String PREFIX = "simulated:";
    private static final int SLOTS = 64;
    private static final int CONTEXT_TOKENS = 1 << 20;
    private static final Pattern NAME =
            Pattern.compile("simulated:(?<file>[^?]+)(\\?mean-millis=(?<mean>[0-9]+)(&cv=(?<cv>[0-9.]+))?)?");

    private record Named(LanguageFile.Defined defined, Duration mean, double coefficientOfVariation) {}

    public static StepGenerator policy(String name) {
        var named = parse(name);
        return new SimulatedPolicy(model(name, named), named.defined().language(), latency(named));
    }

    public static StepScorer prm(String name) {
        var named = parse(name);
        return new SimulatedPrm(model(name, named), named.defined().language(), latency(named));
    }

    private static Named parse(String name) {
        var matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "a simulated model must be named simulated:FILE or simulated:FILE?mean-millis=50&cv=1: was "
                            + name);
        }
        var mean = matcher.group("mean");
        var variation = matcher.group("cv");
        return new Named(
                LanguageFile.read(Path.of(matcher.group("file"))),
                Duration.ofMillis(mean == null ? 0 : Long.parseLong(mean)),
                variation == null ? 0 : Double.parseDouble(variation));
    }

    private static SimulatedLatency latency(Named named) {
        return new SimulatedLatency(named.mean(), named.coefficientOfVariation());
    }

    private static ServedModel model(String name, Named named) {
        var sha256 = sha256(named.defined().definition());
        return new ServedModel(
                name, sha256, "none", new NumericsClass("simulated", "any", sha256, "exact"), SLOTS, CONTEXT_TOKENS);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
