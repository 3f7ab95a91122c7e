package cloudchamber.cli;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.models.Models;
import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.grpc.PolicyService;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.grpc.RewardService;
import cloudchamber.worker.grpc.GrpcServer;
import io.grpc.BindableService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Offers models of ours to others. */
@Command(
        name = "serve-grpc",
        description = "Serves a policy, a PRM or both over gRPC on 127.0.0.1, with health and reflection.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Here:    ./cloudchamber serve-grpc --policy bundled --prm bundled --port 50051",
            "There:   ./cloudchamber solve --policy grpc:http://127.0.0.1:50051 --prm grpc:http://127.0.0.1:50051 \"Evaluate 3 + 4.\"",
            "",
            "The contract is protocol/src/main/protobuf/cloudchamber/worker/v1/worker.proto; a small server of your own,",
            "in Python, is deploy/examples/grpc/server.py."
        })
final class ServeGrpcCommand implements Callable<Integer> {
    @Option(names = "--policy", paramLabel = "NAME", description = "A policy to serve.")
    private String policy;

    @Option(names = "--prm", paramLabel = "NAME", description = "A PRM to serve.")
    private String prm;

    @Option(
            names = "--port",
            paramLabel = "P",
            defaultValue = "50051",
            description = "0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Spec
    private CommandSpec specification;

    @Override
    public Integer call() throws InterruptedException {
        if (policy == null && prm == null) {
            throw new CommandFailure(ExitCode.USAGE, "serve-grpc needs --policy, --prm or both: had none");
        }
        var models = Models.standard();
        Optional<StepGenerator> generator = Optional.ofNullable(policy).map(models::policy);
        Optional<StepScorer> scorer = Optional.ofNullable(prm).map(models::prm);
        try {
            serve(generator, scorer);
            return ExitCode.OK;
        } finally {
            generator.ifPresent(StepGenerator::close);
            scorer.ifPresent(StepScorer::close);
        }
    }

    private void serve(Optional<StepGenerator> generator, Optional<StepScorer> scorer) throws InterruptedException {
        var services = new ArrayList<BindableService>();
        generator.map(PolicyService::new).ifPresent(services::add);
        scorer.map(RewardService::new).ifPresent(services::add);
        try (var server = GrpcServer.start(port, services)) {
            var out = specification.commandLine().getOut();
            out.println("grpc: 127.0.0.1:" + server.port());
            out.flush();
            server.awaitTermination();
        } catch (IOException taken) {
            throw CommandFailure.unavailable("port " + port + " must be free: " + taken.getMessage());
        }
    }
}
