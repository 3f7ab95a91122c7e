package cloudchamber.prm.format;

import java.util.Map;

/**
 * How a model is asked about a prefix, and by which two tokens it answers.
 *
 * @param user the user's turn: {@code {question}} stands for the question and {@code {steps}}, if it is
 *     there, for the steps so far; without it the steps are the beginning of the assistant's turn
 * @param stepEnd what the last step must end with before the labels are read; added where it does not
 * @param good the spelling of the token that speaks for the prefix
 * @param bad the spelling of the token that speaks against it
 */
public record LabelFormat(String id, String user, String stepEnd, String good, String bad) {
    public static final String QUESTION = "{question}";
    public static final String STEPS = "{steps}";

    /** The metadata entries by which a PRM's file names its labels. */
    public static final String GOOD_KEY = "cloudchamber.label.good";

    public static final String BAD_KEY = "cloudchamber.label.bad";
    public static final String STEP_END_KEY = "cloudchamber.step_delimiter";

    /*
     * The judge. Any chat model can be one; it was not trained for it, so its scores are worse than a
     * PRM's. The question about the steps comes after them, so that what was read of a prefix serves all
     * its continuations.
     */
    private static final String JUDGE = """
            Problem: {question}

            A student is solving this problem step by step. So far the student wrote:

            {steps}

            Are all of these steps right, so that they can lead to the right answer? Answer Yes or No.""";

    public LabelFormat {
        if (!user.contains(QUESTION)) {
            throw new IllegalArgumentException(
                    "the user's turn of a label format must contain " + QUESTION + ": was \"" + user + "\"");
        }
    }

    /** A chat model that is asked whether the steps so far are right: logit(Yes) − logit(No). */
    public static LabelFormat judge() {
        return new LabelFormat("judge", JUDGE, "", "Yes", "No");
    }

    /**
     * A PRM whose file names its labels and its step delimiter.
     *
     * @throws IllegalArgumentException if it does not
     */
    public static LabelFormat of(Map<String, String> metadata) {
        return new LabelFormat(
                "label-tokens",
                QUESTION,
                named(metadata, STEP_END_KEY),
                named(metadata, GOOD_KEY),
                named(metadata, BAD_KEY));
    }

    /** The user's turn about these steps; they are left out where it has no place for them. */
    public String userTurn(String question, String steps) {
        int hole = user.indexOf(STEPS);
        return hole < 0
                ? user.replace(QUESTION, question)
                : user.substring(0, hole).replace(QUESTION, question)
                        + steps
                        + user.substring(hole + STEPS.length()).replace(QUESTION, question);
    }

    private static String named(Map<String, String> metadata, String key) {
        var value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("a PRM's file must name " + key
                    + " in its metadata: does not. A chat model can serve as judge:NAME");
        }
        return value;
    }
}
