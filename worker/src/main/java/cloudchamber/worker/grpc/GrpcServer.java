package cloudchamber.worker.grpc;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A gRPC server on the loopback, with health and reflection. */
public final class GrpcServer implements AutoCloseable {
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private final HealthStatusManager health = new HealthStatusManager();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;

    private GrpcServer(int port, List<BindableService> services) throws IOException {
        var builder = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .executor(executor)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance());
        services.forEach(builder::addService);
        this.server = builder.build().start();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        services.forEach(service ->
                health.setStatus(service.bindService().getServiceDescriptor().getName(), ServingStatus.SERVING));
    }

    /**
     * Starts a server.
     *
     * @param port 0 takes a free one
     */
    public static GrpcServer start(int port, List<BindableService> services) throws IOException {
        return new GrpcServer(port, services);
    }

    public int port() {
        return server.getPort();
    }

    /** Waits until the server has stopped. */
    public void awaitTermination() throws InterruptedException {
        server.awaitTermination();
    }

    /** Says that nothing more is served, then stops; calls under way end as cancelled. */
    @Override
    public void close() {
        health.enterTerminalState();
        server.shutdownNow();
        executor.shutdown();
    }
}
