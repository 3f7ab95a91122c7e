/**
 * HTTP itself: routes, the guard in front of them, bodies, JSON, replies, errors, TLS.
 *
 * <pre>
 *   request --Router--> Guard: who (Credential, Keyring) --> may (KeyRole, Access) --> too much (Quotas) --> handler
 *   bytes --Json, Reading--> Checked: a value, or everything that is wrong
 *   handler --ApiResponse--> ResponseRenderer --> response; ApiError --> application/problem+json
 * </pre>
 *
 * <p>What a client may get wrong is told as a value, an {@link cloudchamber.coordinator.http.transport.ApiError}, with
 * everything that is wrong in one answer; only a bug answers 500. Reading a request is pure.
 *
 * <p>May use: {@code coordinator.access}, {@code coordinator.dashboard}, {@code coordinator.job},
 * {@code coordinator.journal}, {@code coordinator.problem}, {@code coordinator.sweep}, {@code protocol.model},
 * {@code protocol.model.method}, {@code protocol.wire}.
 */
package cloudchamber.coordinator.http.transport;
