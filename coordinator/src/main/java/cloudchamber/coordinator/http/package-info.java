/**
 * The native HTTP API under {@code /api/v1}, what OpenAI's clients speak, and the two probes.
 *
 * <pre>
 *   request --Router--> Guard: who (Credential, Keyring) --> may (KeyRole, Access) --> too much (Quotas) --> handler
 *   bytes --Json--> JSON --JobRequest--> JobSpecification --ask--> Job, Problem, Dispatcher
 *     |               |                        |                          |
 *     +---------------+---- ApiError ----------+------ timed out ---------+--> application/problem+json
 * </pre>
 *
 * <p>What a client may get wrong is told as a value, an {@link cloudchamber.coordinator.http.transport.ApiError},
 * with everything that is wrong in one answer; only a bug answers 500. Reading a request is pure.
 *
 * <p>May use: {@code job}, {@code problem}, {@code dispatch}, {@code grade}, {@code method}, {@code
 * journal}, {@code protocol}. Used by: {@code deploy}. Never: SQL, the mathematics of a method.
 */
package cloudchamber.coordinator.http;
