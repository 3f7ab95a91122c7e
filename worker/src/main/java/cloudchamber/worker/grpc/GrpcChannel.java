package cloudchamber.worker.grpc;

import cloudchamber.protocol.model.Refusal;
import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractBlockingStub;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A channel to one gRPC server. Calls block; they belong on virtual threads. */
public final class GrpcChannel implements AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final long KEEP_ALIVE_SECONDS = 60;

    private final RemoteSettings settings;
    private final ManagedChannel channel;

    /**
     * @param settings {@code http} is gRPC without TLS, {@code https} with it
     */
    public GrpcChannel(RemoteSettings settings) {
        this.settings = settings;
        var url = settings.url();
        boolean tls = url.getScheme().equals("https");
        var builder = NettyChannelBuilder.forAddress(url.getHost(), url.getPort() < 0 ? tls ? 443 : 80 : url.getPort())
                .maxInboundMessageSize(settings.maxResponseBytes())
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .proxyDetector(address -> null)
                // A retry is ours to decide on.
                .disableRetry();
        settings.key().ifPresent(key -> {
            var headers = new Metadata();
            headers.put(AUTHORIZATION, "Bearer " + key.value());
            builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
        });
        this.channel = (tls ? builder.useTransportSecurity() : builder.usePlaintext()).build();
    }

    public ManagedChannel channel() {
        return channel;
    }

    public RemoteSettings settings() {
        return settings;
    }

    /** A call that may block. */
    public interface Blocking<R> {
        R call();
    }

    /** The stub with a deadline. */
    public <S extends AbstractBlockingStub<S>> S within(S stub, Duration limit) {
        return stub.withDeadlineAfter(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /**
     * Calls, and says what went wrong in our words.
     *
     * @throws RemoteTrouble for every status but OK
     * @throws InterruptedException if interrupted, which cancels the call
     */
    public static <R> R calling(Blocking<R> blocking) throws InterruptedException {
        try {
            return blocking.call();
        } catch (StatusRuntimeException failed) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted in a call");
            }
            throw trouble(failed.getStatus());
        }
    }

    private static RemoteTrouble trouble(Status status) {
        var detail = "the server must answer OK: was " + status.getCode()
                + (status.getDescription() == null ? "" : ", " + line(status.getDescription()));
        return new RemoteTrouble(new Refusal(category(status), detail), Optional.empty());
    }

    private static String line(String description) {
        var line =
                description.replaceAll("[\\p{Cntrl}\\p{Cf}\u2028\u2029]+", " ").strip();
        return line.length() <= 300 ? line : line.substring(0, 300) + "…";
    }

    private static Category category(Status status) {
        return switch (status.getCode()) {
            case RESOURCE_EXHAUSTED -> Category.OVERLOADED;
            case DEADLINE_EXCEEDED -> Category.TIMED_OUT;
            case INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION -> {
                var said = String.valueOf(status.getDescription());
                yield said.contains("longer than") || said.contains("context")
                        ? Category.CONTEXT_OVERFLOW
                        : Category.INVALID_REQUEST;
            }
            case UNIMPLEMENTED, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED -> Category.MODEL_UNKNOWN;
            case DATA_LOSS -> Category.BACKEND_INVALID;
            case OK, CANCELLED, UNKNOWN, ALREADY_EXISTS, ABORTED, INTERNAL, UNAVAILABLE -> Category.BACKEND_UNAVAILABLE;
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
