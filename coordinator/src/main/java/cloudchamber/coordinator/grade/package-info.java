/**
 * Grading: which answer a text gives, and whether two answers are the same.
 *
 * <pre>
 *   text of a particle --extract--> answer --canonical--> key      (votes group equal keys, then equivalent answers)
 *                                     |
 *   row of a data set ---gold------> correct?                     (sweeps count)
 * </pre>
 *
 * <p>Mathematics is read and compared by {@code grade.algebra}.
 *
 * <p>An {@link cloudchamber.coordinator.grade.Extraction} says how the answer is found, and by which edition of the
 * rules: votes that are stored depend on both, so a job keeps its own.
 *
 * <p>A {@link cloudchamber.coordinator.grade.Grader} does all of it; {@link
 * cloudchamber.coordinator.grade.Graders} finds one by its id. Answers come from models, so any
 * text may be put to a grader: work is limited in steps, never in time, and an answer nobody can
 * read is compared as text.
 *
 * <p>May use: the JDK, RE2/J, {@code coordinator.grade.algebra}, {@code protocol.model}. Never: Pekko, I/O, clocks,
 * logging, or a random source that was not passed in.
 */
package cloudchamber.coordinator.grade;
