package cloudchamber.protocol.compact;

import cloudchamber.protocol.model.AttemptKey;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.NodeReference;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.protocol.model.Purpose;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.StepEnd;
import cloudchamber.protocol.model.StepKey;
import cloudchamber.protocol.model.StepLimit;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.DispatcherMessage;
import cloudchamber.protocol.wire.Extend;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.protocol.wire.Extended;
import cloudchamber.protocol.wire.Score;
import cloudchamber.protocol.wire.ScoreRequest;
import cloudchamber.protocol.wire.ScoreResult;
import cloudchamber.protocol.wire.Scored;
import cloudchamber.protocol.wire.SlotOffer;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** {@link Extend}, {@link Extended}, {@link Score} and {@link Scored} in the compact form. */
public final class WorkSerializer extends SerializerWithStringManifest {
    private static final int IDENTIFIER = 7_205;
    private static final String EXTEND = "E";
    private static final String EXTENDED = "e";
    private static final String SCORE = "S";
    private static final String SCORED = "s";

    /** What follows in a request. */
    private static final int NODE_TOLD = 1;

    private static final int HELD = 2;
    private static final int ELSEWHERE = 4;

    private static final int NO_OFFER = 0;
    private static final int OFFER = 1;
    private static final int OFFER_TO_KEEP = 2;

    private static final int SUCCESS = 0;
    private static final int REFUSED = 1;

    private final ActorRefResolver actors;
    private final String addressStart;

    /** Made by the actor system. */
    public WorkSerializer(ExtendedActorSystem system) {
        this.actors = ActorRefResolver.get(Adapter.toTyped(system));
        this.addressStart = "pekko://" + system.name();
    }

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object message) {
        return switch (message) {
            case Extend extend -> EXTEND;
            case Extended extended -> EXTENDED;
            case Score score -> SCORE;
            case Scored scored -> SCORED;
            default -> throw unknown(message.getClass().getName());
        };
    }

    @Override
    public byte[] toBinary(Object message) {
        var out = new CompactWriter();
        switch (message) {
            case Extend(var requests, var dispatcher, var replyTo) -> {
                write(out, dispatcher, replyTo);
                parts(out, requests, request -> write(out, request));
            }
            case Extended(var workerId, var results, var offer) -> {
                out.text(workerId);
                parts(out, results, result -> write(out, result));
                write(out, offer);
            }
            case Score(var requests, var dispatcher, var replyTo) -> {
                write(out, dispatcher, replyTo);
                parts(out, requests, request -> write(out, request));
            }
            case Scored(var workerId, var results, var offer) -> {
                out.text(workerId);
                parts(out, results, result -> write(out, result));
                write(out, offer);
            }
            default -> throw unknown(message.getClass().getName());
        }
        return out.toBytes();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        var in = new CompactReader(bytes);
        return switch (manifest) {
            case EXTEND -> {
                var dispatcher = address(in, "");
                var replyTo = address(in, dispatcher);
                yield new Extend(in.list(() -> in.part(() -> extendRequest(in))), actor(dispatcher), actor(replyTo));
            }
            case EXTENDED -> new Extended(in.text(), in.list(() -> in.part(() -> extendResult(in))), offer(in));
            case SCORE -> {
                var dispatcher = address(in, "");
                var replyTo = address(in, dispatcher);
                yield new Score(in.list(() -> in.part(() -> scoreRequest(in))), actor(dispatcher), actor(replyTo));
            }
            case SCORED -> new Scored(in.text(), in.list(() -> in.part(() -> scoreResult(in))), offer(in));
            default -> throw unknown(manifest);
        };
    }

    private static IllegalArgumentException unknown(String what) {
        return new IllegalArgumentException("a message must be an Extend, Extended, Score or Scored: was " + what);
    }

    private static <T> void parts(CompactWriter out, List<T> elements, Consumer<T> writer) {
        out.number(elements.size());
        for (var element : elements) {
            out.part(() -> writer.accept(element));
        }
    }

    // ---- addresses: the system's own name is known, and the second begins as the first does

    private void write(CompactWriter out, ActorRef<DispatcherMessage> dispatcher, ActorRef<?> replyTo) {
        var first = actors.toSerializationFormat(dispatcher);
        write(out, first, addressStart);
        write(out, actors.toSerializationFormat(replyTo), first);
    }

    private static void write(CompactWriter out, String address, String known) {
        int same = 0;
        int most = Math.min(address.length(), known.length());
        while (same < most && address.charAt(same) == known.charAt(same)) {
            same++;
        }
        out.number(same);
        out.text(address.substring(same));
    }

    private String address(CompactReader in, String before) {
        var known = before.isEmpty() ? addressStart : before;
        int same = in.count();
        if (same > known.length()) {
            throw new IllegalArgumentException(
                    "an address must repeat at most " + known.length() + " characters: was " + same);
        }
        return known.substring(0, same) + in.text();
    }

    private <T> ActorRef<T> actor(String address) {
        try {
            return actors.resolveActorRef(address);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException("an address must name an actor: was [" + address + "]", malformed);
        }
    }

    // ---- slots

    private static void write(CompactWriter out, SlotOffer offer) {
        out.number(offer == null ? NO_OFFER : offer.keep() ? OFFER_TO_KEEP : OFFER);
        if (offer != null) {
            out.number(offer.slotsOffered());
        }
    }

    private static SlotOffer offer(CompactReader in) {
        int kind = in.count();
        return switch (kind) {
            case NO_OFFER -> null;
            case OFFER, OFFER_TO_KEEP -> new SlotOffer(in.number(), kind == OFFER_TO_KEEP);
            default ->
                throw new IllegalArgumentException(
                        "an offer's kind must be at most " + OFFER_TO_KEEP + ": was " + kind);
        };
    }

    // ---- requests

    private static void write(CompactWriter out, ExtendRequest request) {
        boolean elsewhere = elsewhere(request.key(), request.parent());
        out.number((request.node() == null ? 0 : NODE_TOLD)
                | (request.held() == null ? 0 : HELD)
                | (elsewhere ? ELSEWHERE : 0));
        write(out, request.key());
        out.number(request.lease());
        out.text(request.model());
        write(out, request.parent(), elsewhere);
        write(out, request.sampling());
        out.bits(request.seed());
        out.number(request.stops().size());
        request.stops().forEach(out::text);
        out.number(request.maxStepTokens());
        out.number(request.maxTokens());
        if (request.node() != null) {
            out.number(request.node() & 0xFFFF_FFFFL);
        }
        writePrefix(out, request.held(), request.prompt(), request.prefix());
        var arguments = request.prompt() == null ? null : request.prompt().templateArguments();
        if (request.maxThinkingTokens() != null || arguments != null) {
            out.number(request.maxThinkingTokens() == null ? 0 : request.maxThinkingTokens() + 1L);
            out.text(arguments == null ? "" : arguments);
        }
    }

    private static ExtendRequest extendRequest(CompactReader in) {
        int flags = in.count();
        var key = key(in);
        long lease = in.number();
        var model = in.text();
        var parent = node(in, key, flags);
        var sampling = new Sampling(in.real(), in.count(), in.real(), in.real());
        long seed = in.bits();
        var stops = in.list(in::text);
        int maxStepTokens = in.count();
        int maxTokens = in.count();
        var node = (flags & NODE_TOLD) == 0 ? null : Integer.valueOf((int) in.number());
        var held = (flags & HELD) == 0 ? null : Long.valueOf(in.bits());
        var prompt = held == null ? prompt(in) : null;
        var prefix = in.list(() -> prefixStep(in));
        Integer maxThinkingTokens = null;
        if (in.hasMore()) {
            int more = in.count();
            maxThinkingTokens = more == 0 ? null : Integer.valueOf(more - 1);
            var arguments = in.text();
            prompt = arguments.isEmpty() || prompt == null ? prompt : prompt.withTemplateArguments(arguments);
        }
        return new ExtendRequest(
                key,
                lease,
                model,
                prompt,
                parent,
                prefix,
                sampling,
                seed,
                stops,
                maxStepTokens,
                maxTokens,
                node,
                maxThinkingTokens,
                held);
    }

    private static void write(CompactWriter out, ScoreRequest request) {
        boolean elsewhere = elsewhere(request.key(), request.node());
        out.number((request.parent() == null ? 0 : NODE_TOLD)
                | (request.held() == null ? 0 : HELD)
                | (elsewhere ? ELSEWHERE : 0));
        write(out, request.key());
        out.number(request.lease());
        out.text(request.model());
        write(out, request.node(), elsewhere);
        if (request.parent() != null) {
            out.number(request.parent() & 0xFFFF_FFFFL);
        }
        writePrefix(out, request.held(), request.prompt(), request.prefix());
    }

    private static ScoreRequest scoreRequest(CompactReader in) {
        int flags = in.count();
        var key = key(in);
        long lease = in.number();
        var model = in.text();
        var node = node(in, key, flags);
        var parent = (flags & NODE_TOLD) == 0 ? null : Integer.valueOf((int) in.number());
        var held = (flags & HELD) == 0 ? null : Long.valueOf(in.bits());
        var prompt = held == null ? prompt(in) : null;
        return new ScoreRequest(key, lease, model, prompt, node, in.list(() -> prefixStep(in)), parent, held);
    }

    private static void writePrefix(CompactWriter out, Long held, Prompt prompt, List<PrefixStep> prefix) {
        if (held != null) {
            out.bits(held);
        } else {
            out.number(prompt.messages().size());
            for (var message : prompt.messages()) {
                out.number(message.role().ordinal());
                out.text(message.content());
            }
        }
        out.number(prefix.size());
        for (var step : prefix) {
            out.text(step.text());
            out.numbers(step.tokenIds());
        }
    }

    private static Prompt prompt(CompactReader in) {
        return new Prompt(in.list(() -> new Message(in.constant(Message.Role.values()), in.text())));
    }

    private static PrefixStep prefixStep(CompactReader in) {
        return new PrefixStep(in.text(), in.numbers());
    }

    private static void write(CompactWriter out, Sampling sampling) {
        out.real(sampling.temperature());
        out.number(sampling.topK());
        out.real(sampling.topP());
        out.real(sampling.minP());
    }

    // ---- results

    private static void write(CompactWriter out, ExtendResult result) {
        switch (result) {
            case ExtendResult.Generated(var key, var lease, var step, var usage) -> {
                writeResult(out, SUCCESS, key, lease, usage);
                out.text(step.text());
                out.numbers(step.tokenIds());
                out.number(step.end().ordinal());
                out.number(step.limit().ordinal());
                out.real(step.logProbability());
                out.number(step.logProbabilityTokens());
            }
            case ExtendResult.NotExtended(var key, var lease, var refusal, var usage) -> {
                writeResult(out, REFUSED, key, lease, usage);
                write(out, refusal);
            }
        }
    }

    private static ExtendResult extendResult(CompactReader in) {
        int kind = in.count();
        var key = key(in);
        long lease = in.number();
        var usage = usage(in);
        return switch (kind) {
            case SUCCESS -> new ExtendResult.Generated(key, lease, step(in), usage);
            case REFUSED -> new ExtendResult.NotExtended(key, lease, refusal(in), usage);
            default -> throw unknownResult(kind);
        };
    }

    private static Step step(CompactReader in) {
        return new Step(
                in.text(),
                in.numbers(),
                in.constant(StepEnd.values()),
                in.constant(StepLimit.values()),
                in.real(),
                in.count());
    }

    private static void write(CompactWriter out, ScoreResult result) {
        switch (result) {
            case ScoreResult.PrefixScored(var key, var lease, var logOdds, var usage) -> {
                writeResult(out, SUCCESS, key, lease, usage);
                out.number(logOdds.size());
                logOdds.forEach(value -> out.bits(Double.doubleToRawLongBits(value)));
            }
            case ScoreResult.NotScored(var key, var lease, var refusal, var usage) -> {
                writeResult(out, REFUSED, key, lease, usage);
                write(out, refusal);
            }
        }
    }

    private static ScoreResult scoreResult(CompactReader in) {
        int kind = in.count();
        var key = key(in);
        long lease = in.number();
        var usage = usage(in);
        return switch (kind) {
            case SUCCESS ->
                new ScoreResult.PrefixScored(key, lease, in.list(() -> Double.longBitsToDouble(in.bits())), usage);
            case REFUSED -> new ScoreResult.NotScored(key, lease, refusal(in), usage);
            default -> throw unknownResult(kind);
        };
    }

    private static IllegalArgumentException unknownResult(int kind) {
        return new IllegalArgumentException("a result's kind must be " + SUCCESS + " or " + REFUSED + ": was " + kind);
    }

    private static void writeResult(CompactWriter out, int kind, AttemptKey key, long lease, Usage usage) {
        out.number(kind);
        write(out, key);
        out.number(lease);
        out.number(usage.promptTokens());
        out.number(usage.cachedTokens());
        out.number(usage.completionTokens());
    }

    private static Usage usage(CompactReader in) {
        return new Usage(in.number(), in.number(), in.number());
    }

    private static void write(CompactWriter out, Refusal refusal) {
        out.number(refusal.category().ordinal());
        out.text(refusal.detail());
    }

    private static Refusal refusal(CompactReader in) {
        return new Refusal(in.constant(Refusal.Category.values()), in.text());
    }

    // ---- names

    private static void write(CompactWriter out, AttemptKey key) {
        var step = key.step();
        out.text(step.job());
        out.text(step.problem());
        out.number(step.chain());
        out.number(step.iteration());
        out.number(step.round());
        out.number(step.slot());
        out.number(step.purpose().ordinal());
        out.number(key.attempt());
    }

    private static AttemptKey key(CompactReader in) {
        return new AttemptKey(
                new StepKey(
                        in.text(),
                        in.text(),
                        in.count(),
                        in.count(),
                        in.count(),
                        in.count(),
                        in.constant(Purpose.values())),
                in.count());
    }

    /** Whether a node is not of the problem that the key names, as it always is. */
    private static boolean elsewhere(AttemptKey key, NodeReference node) {
        return !(node.job().equals(key.step().job())
                && node.problem().equals(key.step().problem()));
    }

    private static void write(CompactWriter out, NodeReference node, boolean elsewhere) {
        if (elsewhere) {
            out.text(node.job());
            out.text(node.problem());
        }
        out.number(node.node());
    }

    private static NodeReference node(CompactReader in, AttemptKey key, int flags) {
        return (flags & ELSEWHERE) == 0
                ? new NodeReference(key.step().job(), key.step().problem(), in.count())
                : new NodeReference(in.text(), in.text(), in.count());
    }
}
