package cloudchamber.worker.remote;

import java.net.URI;

/** A server on the loopback that serves the toy model. */
public interface ToyServer extends AutoCloseable {
    URI url();

    @Override
    void close();
}
