package cloudchamber.protocol.wire;

/**
 * The types by which a worker and a dispatcher talk to each other. Each message carries the address at which its sender
 * is answered, so these types name each other.
 */
public sealed interface WorkProtocol permits DispatcherMessage, WorkerControl, WorkPort, Extend, Score {}
