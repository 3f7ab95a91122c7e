package cloudchamber.policy.remote;

import cloudchamber.policy.StepGenerator;
import cloudchamber.policy.remote.PolicyDialect.Extension;
import cloudchamber.policy.remote.PolicyDialect.Served;
import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Usage;
import cloudchamber.protocol.wire.ExtendRequest;
import cloudchamber.protocol.wire.ExtendResult;
import cloudchamber.worker.ServedModel;
import cloudchamber.worker.remote.LoadWatch;
import cloudchamber.worker.remote.RemoteCalls;
import cloudchamber.worker.remote.RemoteModel;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A policy behind a server. */
public final class RemotePolicy implements StepGenerator {
    private final ServedModel model;
    private final PolicyDialect dialect;
    private final RemoteCalls calls;
    private final LoadWatch watch;

    private RemotePolicy(ServedModel model, PolicyDialect dialect, RemoteSettings settings) {
        this.model = model;
        this.dialect = dialect;
        this.calls = new RemoteCalls(settings, () -> {
            dialect.probe();
            return null;
        });
        this.watch = LoadWatch.start(dialect::load, calls);
    }

    /**
     * Asks a server what it serves and stands in front of it.
     *
     * @param name by which jobs ask for the model
     * @param dialect closed with this
     * @throws RemoteTrouble if the server cannot be used
     */
    public static RemotePolicy connect(String name, RemoteSettings settings, PolicyDialect dialect)
            throws InterruptedException {
        try {
            Served served = dialect.describe();
            return new RemotePolicy(
                    RemoteModel.served(
                            name,
                            settings.slots(),
                            served.software(),
                            served.model(),
                            served.template(),
                            served.exactness(),
                            served.contextTokens()),
                    dialect,
                    settings);
        } catch (RemoteTrouble | InterruptedException unusable) {
            dialect.close();
            throw unusable;
        }
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public CompletableFuture<ExtendResult> run(ExtendRequest request) {
        return calls.run(
                request.seed(), () -> extended(request, dialect.extend(request)), refusal -> refused(request, refusal));
    }

    @Override
    public CompletableFuture<List<Integer>> control(String before, String mark, String after) {
        // Ids that cannot be had are as those of a server that tells none: the text goes on without them.
        return calls.run(mark.hashCode(), () -> dialect.control(before, mark, after), refusal -> List.of());
    }

    private static ExtendResult extended(ExtendRequest request, Extension extension) {
        return new ExtendResult.Generated(request.key(), request.lease(), extension.step(), extension.usage());
    }

    private static ExtendResult refused(ExtendRequest request, Refusal refusal) {
        return new ExtendResult.NotExtended(request.key(), request.lease(), refusal, Usage.NONE);
    }

    @Override
    public Optional<String> nameInReplies() {
        return dialect.nameInReplies();
    }

    @Override
    public void close() {
        watch.close();
        calls.close();
        dialect.close();
    }
}
