/**
 * Language models inside this process: llama.cpp behind a small, typed, exact interface.
 *
 * <pre>
 *   Model.load(file) --> Tokenizer: text to tokens and back
 *        |
 *   Engine.start(model, settings) --generate--> Generation: tokens drawn one by one, counter-based
 *        |    one thread,           --score-----> Score: log-odds of two label tokens
 *        |    many requests         --likelihood-> Likelihood: log-probability of a given text
 *        |    in one batch                      |
 *        |                                      Agreement: how near another's greedy text is to ours
 *   PrefixCache: every text read is a branch of cells; a request continues the longest one it shares
 * </pre>
 *
 * <p>Logits do not depend on what shares the batch, on chunking, forks or eviction; draws depend on
 * (seed, index of the token) alone. So a request repeated anywhere in its numerics class gives the same
 * tokens.
 *
 * <p>May use: {@code engine.binding}, {@code engine.fault}, {@code engine.gguf}, {@code engine.library},
 * {@code prompt}, {@code protocol.model}. Never: native memory, Pekko.
 */
package cloudchamber.engine;
