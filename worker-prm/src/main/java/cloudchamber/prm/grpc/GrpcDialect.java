package cloudchamber.prm.grpc;

import cloudchamber.prm.remote.ScoreDialect;
import cloudchamber.protocol.grpc.RewardModelGrpc;
import cloudchamber.protocol.grpc.ScoreCall;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.grpc.Messages;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A PRM behind a server of the gRPC contract. */
public final class GrpcDialect implements ScoreDialect {
    private static final Duration DESCRIBE_LIMIT = Duration.ofSeconds(15);

    private final GrpcChannel channel;
    private final RewardModelGrpc.RewardModelBlockingStub stub;

    /**
     * @param channel closed with this
     */
    public GrpcDialect(GrpcChannel channel) {
        this.channel = channel;
        this.stub = RewardModelGrpc.newBlockingStub(channel.channel());
    }

    @Override
    public Served describe() throws InterruptedException {
        var description =
                GrpcChannel.calling(() -> channel.within(stub, DESCRIBE_LIMIT).describe(Messages.DESCRIBE));
        var model = Messages.served(description.getName(), channel.settings().slots(), description);
        return new Served(
                model.name() + "@" + model.sha256(),
                model.numericsClass().library() + "/" + model.numericsClass().variant(),
                model.template(),
                model.contextTokens(),
                model.numericsClass().context());
    }

    @Override
    public int batch() {
        return 1;
    }

    @Override
    public List<Answer> score(List<Asked> asked) throws InterruptedException {
        var one = asked.getFirst();
        var call = ScoreCall.newBuilder()
                .addAllPrompt(Messages.prompt(one.prompt()))
                .addAllPrefix(Messages.prefix(one.steps().stream()
                        .map(text -> new PrefixStep(text, List.of()))
                        .toList()))
                .build();
        var answer = GrpcChannel.calling(
                () -> channel.within(stub, channel.settings().limit(1)).score(call));
        return switch (answer.getAnswerCase()) {
            case SCORE ->
                List.of(new Answer(
                        answer.getScore().getLogOddsList(),
                        Messages.usage(answer.getScore().getUsage())));
            case REFUSAL -> throw Messages.trouble(answer.getRefusal());
            case ANSWER_NOT_SET -> throw RemoteTrouble.invalid("an answer must be a score or a refusal: was empty");
        };
    }

    @Override
    public Optional<ServerLoad> load() {
        return Optional.empty();
    }

    @Override
    public void close() {
        channel.close();
    }
}
