package cloudchamber.coordinator.sweep;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Grader;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Problems with their right answers, and how they are asked and graded.
 *
 * @param name of 1 to 64 letters, digits, dots, hyphens and underscores
 * @param sha256 of the file it was read from, in hexadecimal
 * @param grader the id of the grader that tells whether an answer is right
 * @param systemPrompt what the policy is told before each question; null for nothing
 * @param items in the order of the file, at least one, their ids unique
 * @param extraction how answers are found in texts; null stands for the first edition of the rules
 */
public record DataSet(
        String name,
        String sha256,
        String grader,
        String systemPrompt,
        List<Item> items,
        @JsonInclude(JsonInclude.Include.NON_NULL) Extraction extraction) {

    /**
     * One problem.
     *
     * @param answer the right one
     * @param tags what else the file says of it in a few characters, such as its level or subject
     */
    public record Item(String id, String question, String answer, Map<String, String> tags) {
        public Item {
            tags = Map.copyOf(tags);
        }

        /** What the policy is asked. */
        Prompt prompt(String systemPrompt) {
            return systemPrompt == null || systemPrompt.isBlank()
                    ? Prompt.question(question)
                    : new Prompt(List.of(
                            new Message(Message.Role.SYSTEM, systemPrompt), new Message(Message.Role.USER, question)));
        }
    }

    /** A data set without its problems. */
    public record Summary(
            String name,
            String sha256,
            String grader,
            String systemPrompt,
            int problems,
            @JsonInclude(JsonInclude.Include.NON_NULL) Extraction extraction) {
        /** Of one whose answers are found by the first edition of the rules. */
        public Summary(String name, String sha256, String grader, String systemPrompt, int problems) {
            this(name, sha256, grader, systemPrompt, problems, null);
        }
    }

    /** One whose answers are found by the first edition of the rules. */
    public DataSet(String name, String sha256, String grader, String systemPrompt, List<Item> items) {
        this(name, sha256, grader, systemPrompt, items, null);
    }

    private static final String NAME = "[A-Za-z0-9._-]{1,64}";

    public DataSet {
        items = List.copyOf(items);
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "a data set's name must have 1 to 64 letters, digits, dots, hyphens or underscores");
        }
        if (items.isEmpty()) {
            throw new IllegalArgumentException("a data set must have at least one problem: had none");
        }
    }

    /** The grader, under the extraction of the set. */
    public Grader foundBy() {
        return Graders.of(grader, extraction);
    }

    /** The same with answers found so. */
    public DataSet withExtraction(Extraction found) {
        return new DataSet(name, sha256, grader, systemPrompt, items, found);
    }

    /** Whether a text can be a data set's name, and stand in a path. */
    public static boolean isName(String text) {
        return text != null && text.matches(NAME) && !text.equals(".") && !text.equals("..");
    }

    public Summary summary() {
        return new Summary(name, sha256, grader, systemPrompt, items.size(), extraction);
    }

    /**
     * Some of its problems, in order.
     *
     * @param where tags a problem must have, all of them
     * @param offset how many of those are passed over
     * @param every of the rest only each such one is taken, the first included; 1 for all
     * @param limit how many are taken at most
     */
    public List<Item> select(Map<String, String> where, int offset, int every, int limit) {
        Predicate<Item> fits = item -> where.entrySet().stream()
                .allMatch(tag -> tag.getValue().equals(item.tags().get(tag.getKey())));
        var rest = items.stream().filter(fits).skip(offset).toList();
        return IntStream.range(0, rest.size())
                .filter(place -> place % every == 0)
                .limit(limit)
                .mapToObj(rest::get)
                .toList();
    }
}
