/**
 * Benchmarks: what the program reaches, beside what could be reached at best.
 *
 * <p>Each drives the shipped classes, states its ideal, and gives one headline figure. {@link
 * cloudchamber.bench.Benchmarks} lists them; {@code ./cloudchamber bench} runs them.
 *
 * <p>May use: everything. Used by: {@code cli}.
 */
package cloudchamber.bench;
