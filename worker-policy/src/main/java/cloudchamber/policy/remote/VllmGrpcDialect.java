package cloudchamber.policy.remote;

import cloudchamber.policy.ThoughtOpening;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.grpc.vllm.GenerateComplete;
import cloudchamber.protocol.grpc.vllm.GenerateRequest;
import cloudchamber.protocol.grpc.vllm.GenerateResponse;
import cloudchamber.protocol.grpc.vllm.GetLoadsRequest;
import cloudchamber.protocol.grpc.vllm.GetModelInfoRequest;
import cloudchamber.protocol.grpc.vllm.SamplingParams;
import cloudchamber.protocol.grpc.vllm.SchedulerLoad;
import cloudchamber.protocol.grpc.vllm.TokenizedInput;
import cloudchamber.protocol.grpc.vllm.VllmEngineGrpc;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.worker.grpc.GrpcChannel;
import cloudchamber.worker.remote.RemoteTrouble;
import cloudchamber.worker.remote.ServerLoad;
import cloudchamber.worker.remote.Vocabulary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import java.util.function.ToDoubleFunction;

/** vLLM's gRPC engine, {@code vllm.grpc.engine.VllmEngine}: token ids in, token ids out. */
public final class VllmGrpcDialect implements PolicyDialect {
    /*
     * [1] The server answers token ids alone, so texts become tokens here, by a vocabulary that must be the server's:
     *     it is asked at the start for its own tokens of a known text, which must spell that text here. They need not be
     *     the tokens that are made of it here: libraries cut rare characters differently, and the text is the same.
     * [2] `output_ids` holds the end-of-sequence token and the whole of the token a stop text ends in, so the text of a
     *     step is the text of its ids. What stopped the server is told for stop texts, not for the end of the sequence.
     * [3] Log-probabilities are the raw model's, and asked for only where that is the law really sampled.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String KNOWN_TEXT = "Sam has 3 apples.\n\nThen \\frac{1}{2} of them, ½ × 3 = 1.5.";

    private final GrpcChannel channel;
    private final VllmEngineGrpc.VllmEngineBlockingStub stub;
    private final ChatTemplate template;
    private final Vocabulary vocabulary;
    private final boolean logProbabilities;

    /**
     * @param channel closed with this
     * @param vocabulary the server's; closed with this
     * @param logProbabilities whether log-probabilities are asked for where they are of the law really sampled
     */
    public VllmGrpcDialect(
            GrpcChannel channel, ChatTemplate template, Vocabulary vocabulary, boolean logProbabilities) {
        this.channel = channel;
        this.stub = VllmEngineGrpc.newBlockingStub(channel.channel());
        this.template = template;
        this.vocabulary = vocabulary;
        this.logProbabilities = logProbabilities;
    }

    @Override
    public Served describe() throws InterruptedException {
        var model = GrpcChannel.calling(
                () -> channel.within(stub, LIMIT).getModelInfo(GetModelInfoRequest.getDefaultInstance()));
        if (!model.getIsGeneration() || model.getMaxContextLength() < 1) {
            throw new RemoteTrouble(Category.MODEL_UNKNOWN, "the server must serve a model that generates: does not");
        }
        var version = GrpcChannel.calling(
                        () -> channel.within(stub, LIMIT).getLoads(GetLoadsRequest.getDefaultInstance()))
                .getVersion();
        checkVocabulary();
        return new Served(
                model.getServedModelName().isEmpty() ? model.getModelPath() : model.getServedModelName(),
                version.isEmpty() ? "vllm" : "vllm-" + version,
                template.id(),
                model.getMaxContextLength(),
                "token-ids");
    }

    /** See [1]. */
    private void checkVocabulary() throws InterruptedException {
        var answer = complete(
                request()
                        .setText(KNOWN_TEXT)
                        .setSamplingParams(
                                sampling(1, Sampling.atTemperature(0), 0).setPromptLogprobs(0)),
                LIMIT);
        List<Integer> theirs = answer.getInputLogprobs().getTokenIdsList();
        if (theirs.isEmpty() || !vocabulary.decode(theirs).endsWith(KNOWN_TEXT)) {
            throw new RemoteTrouble(
                    Category.MODEL_UNKNOWN,
                    "the vocabulary must be the server's: its tokens of a known text spell another text here, "
                            + theirs.size() + " tokens " + theirs);
        }
    }

    @Override
    public Extension extend(ExtendRequest request) throws InterruptedException {
        int maxTokens = Ends.maxTokens(request);
        boolean told = logProbabilities && request.sampling().equals(Sampling.atTemperature(1));
        var sampling = sampling(maxTokens, request.sampling(), request.seed()).addAllStop(TokenDialect.stops(request));
        if (told) {
            sampling.setLogprobs(0);
        }
        var prompt = TokenizedInput.newBuilder().addAllInputIds(TokenDialect.tokens(vocabulary, template, request));
        var asked = request().setTokenized(prompt).setSamplingParams(sampling);
        return extension(request, complete(asked, channel.settings().limit(maxTokens)), told);
    }

    private GenerateRequest.Builder request() {
        var request =
                GenerateRequest.newBuilder().setRequestId(UUID.randomUUID().toString());
        channel.settings().dataParallelRank().ifPresent(request::setDataParallelRank);
        return request;
    }

    private static SamplingParams.Builder sampling(int maxTokens, Sampling sampling, long seed) {
        return SamplingParams.newBuilder()
                .setMaxTokens(maxTokens)
                .setTemperature((float) sampling.temperature())
                .setTopK(sampling.topK())
                .setTopP((float) sampling.topP())
                .setMinP((float) sampling.minP())
                .setRepetitionPenalty(1)
                .setSkipSpecialTokens(true)
                .setSpacesBetweenSpecialTokens(true)
                .setN(1)
                .setSeed(seed(seed));
    }

    /** A seed of 31 bits. */
    private static int seed(long seed) {
        return (int) (seed ^ seed >>> 32) & Integer.MAX_VALUE;
    }

    private GenerateComplete complete(GenerateRequest.Builder request, Duration limit) throws InterruptedException {
        return GrpcChannel.calling(() -> {
            var answers = new ArrayList<GenerateResponse>();
            channel.within(stub, limit).generate(request.build()).forEachRemaining(answers::add);
            if (answers.size() != 1 || !answers.getFirst().hasComplete()) {
                throw RemoteTrouble.invalid(
                        "a call must be answered by one completion: was by " + answers.size() + " messages");
            }
            return answers.getFirst().getComplete();
        });
    }

    private Extension extension(ExtendRequest request, GenerateComplete answer, boolean told)
            throws InterruptedException {
        List<Integer> all = answer.getOutputIdsList();
        var end = Ends.of(answer.getFinishReason(), answer.hasMatchedStopStr());
        var tokenIds = end == Ends.SEQUENCE ? TokenDialect.withoutLast(all) : all;
        double logProbability =
                told ? VllmDialect.sum(answer.getOutputLogprobs().getTokenLogprobsList(), all.size()) : 0;
        var step = end.step(
                request, vocabulary.decode(tokenIds), tokenIds, all.size(), logProbability, told ? all.size() : 0);
        long cached = answer.getCachedTokens();
        return new Extension(
                ThoughtOpening.of(TokenDialect.rendered(template, request))
                        .shown(request.prefix(), TokenDialect.within(request, step, vocabulary)),
                new Usage(Math.max(0, answer.getPromptTokens() - cached), cached, all.size()));
    }

    @Override
    public List<Integer> control(String before, String mark, String after) throws InterruptedException {
        return TokenDialect.control(vocabulary, before, mark, after);
    }

    @Override
    public void probe() throws InterruptedException {
        complete(request().setText("1").setSamplingParams(sampling(1, Sampling.atTemperature(0), 0)), LIMIT);
    }

    @Override
    public Optional<ServerLoad> load() throws InterruptedException {
        var loads = GrpcChannel.calling(
                        () -> channel.within(stub, LIMIT).getLoads(GetLoadsRequest.getDefaultInstance()))
                .getLoadsList();
        return loads.isEmpty()
                ? Optional.empty()
                : Optional.of(new ServerLoad(
                        sum(loads, SchedulerLoad::getNumRunningReqs),
                        sum(loads, SchedulerLoad::getNumWaitingReqs),
                        0,
                        OptionalDouble.of(sum(loads, SchedulerLoad::getTokenUsage) / loads.size())));
    }

    private static double sum(List<SchedulerLoad> loads, ToDoubleFunction<SchedulerLoad> number) {
        return loads.stream().mapToDouble(number).sum();
    }

    @Override
    public void close() {
        channel.close();
        vocabulary.close();
    }
}
