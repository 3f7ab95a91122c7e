/**
 * The part of the Jinja template language that chat templates use, rendered as Python's Jinja renders it with
 * {@code trim_blocks} and {@code lstrip_blocks}, the settings of the transformers library.
 *
 * <pre>
 *   source --Lexer--> tokens --Parser--> Statement, Expression --Interpreter + Scope--> Text
 * </pre>
 *
 * <p>Values are Java's: {@link cloudchamber.prompt.jinja.Text} for strings, {@code Long}, {@code Double}, {@code Boolean}, {@code null}
 * for none, {@code List}, {@code Map} (a text as a key is a {@code String}), {@link cloudchamber.prompt.jinja.Undefined},
 * {@link cloudchamber.prompt.jinja.Callable}. A text remembers which of its characters came from the input, so that a
 * control token that somebody wrote into a question stays text.
 *
 * <p>May use: the JDK. Used by: {@code prompt}. Never: a clock, files.
 */
package cloudchamber.prompt.jinja;
