/**
 * Answers as values: reads one in LaTeX or plain text, and tells whether two are the same.
 *
 * <pre>
 *   answer --Lexer--> tokens --Reader--> Value of Expressions --Normal--> Polynomial: exact forms decide
 *                                                                             |
 *                                              what has no exact form --Numeric--> values at several points decide
 * </pre>
 *
 * <p>Any text may be read: work is limited in {@code Steps}, never in time, and an answer nobody can read is a value of
 * its text.
 *
 * <p>May use: the JDK. Never: Pekko, I/O, clocks, logging, or a random source that was not passed in.
 */
package cloudchamber.coordinator.grade.algebra;
