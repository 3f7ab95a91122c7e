/**
 * PRMs behind a model server of someone else's making. A {@link cloudchamber.prm.format.PrmFormat} says how a
 * PRM is shown a prefix (pure), a {@link cloudchamber.prm.remote.ScoreDialect} how a kind of server is asked,
 * and {@link cloudchamber.prm.remote.RemotePrm} is the same for all.
 *
 * <p>May use: {@code prm}, {@code prm.format}, {@code prompt}, {@code protocol.model}, {@code protocol.wire},
 * {@code worker}, {@code worker.remote}.
 */
package cloudchamber.prm.remote;
