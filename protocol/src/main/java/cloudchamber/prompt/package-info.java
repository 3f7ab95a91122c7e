/**
 * Prompts as the text a model was trained on: pure functions, one for each template, with golden tests.
 *
 * <p>What a person wrote and what marks the turns are kept apart, so that nobody can write a turn into
 * their question. A partial answer is continued by appending its tokens, never by rendering it.
 *
 * <p>May use: the JDK, {@code prompt.jinja}, {@code protocol.model}.
 */
package cloudchamber.prompt;
