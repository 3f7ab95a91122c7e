package cloudchamber.coordinator.sweep;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/**
 * How the rows of a file become problems.
 *
 * @param fields the names of the fields that are read
 * @param shuffle the seed that the choices of each question are put into another order by; null leaves the file's
 *     order, except for rows that have the right choice apart from the wrong ones, whose seed is then 0
 * @param ignore names of fields that may be lost; a star at the end stands for any ending
 */
public record DataSetLayout(Fields fields, Long shuffle, List<String> ignore) {

    /**
     * Which fields are read, by their names in order of preference; the first a row has is taken.
     *
     * @param id without one the row is called {@code p} and its number
     * @param context stands before the question where a row has it
     * @param answer a text, a number, a list of answers, or a solution that ends in {@code #### answer}
     * @param solution has the answer in its last box, where a row has no answer
     * @param choices of a multiple choice, put behind the question: a list of texts, texts by their letters, or an
     *     object of the lists {@code text} and {@code label}
     */
    public record Fields(
            List<String> id,
            List<String> context,
            List<String> question,
            List<String> answer,
            List<String> solution,
            List<String> choices) {
        /** What the published sets of problems use. */
        public static final Fields STANDARD = new Fields(
                List.of("unique_id", "id", "problem_id", "idx", "ID", "Record ID"),
                List.of("context", "Body", "body", "passage"),
                List.of("problem", "question", "prompt", "Problem", "Question"),
                List.of(
                        "answer",
                        "final_answer",
                        "extracted_groundtruth",
                        "Answer",
                        "gold",
                        "answerKey",
                        "correct",
                        "expected_answer",
                        "ground_truth",
                        "target"),
                List.of("solution", "generated_solution"),
                List.of("choices", "options", "Options", "Choices"));

        /** These, with some named by the user; null leaves the usual names. */
        public Fields with(String idField, String questionField, String answerField) {
            return with(Map.of(
                    "id", idField == null ? "" : idField,
                    "question", questionField == null ? "" : questionField,
                    "answer", answerField == null ? "" : answerField));
        }

        /**
         * These, with some named by the user.
         *
         * @param named by {@code id}, {@code context}, {@code question}, {@code answer}, {@code solution} and
         *     {@code choices}; what is blank or missing leaves the usual names
         */
        public Fields with(Map<String, String> named) {
            BiFunction<String, List<String>, List<String>> field = (what, usual) -> {
                var name = named.getOrDefault(what, "");
                return name.isBlank() ? usual : List.of(name);
            };
            return new Fields(
                    field.apply("id", id),
                    field.apply("context", context),
                    field.apply("question", question),
                    field.apply("answer", answer),
                    field.apply("solution", solution),
                    field.apply("choices", choices));
        }

        /** What {@link #with(Map)} takes. */
        public static final List<String> NAMES = List.of("id", "context", "question", "answer", "solution", "choices");

        Stream<String> all() {
            return Stream.of(id, context, question, answer, solution, choices).flatMap(List::stream);
        }
    }

    /** Of the published sets of problems. */
    public static final DataSetLayout STANDARD = of(Fields.STANDARD);

    public DataSetLayout {
        ignore = List.copyOf(ignore);
    }

    /** One with fields of its own. */
    public static DataSetLayout of(Fields fields) {
        return new DataSetLayout(fields, null, List.of());
    }

    boolean mayLose(String field) {
        return ignore.stream()
                .anyMatch(name -> name.endsWith("*")
                        ? field.startsWith(name.substring(0, name.length() - 1))
                        : field.equals(name));
    }
}
