package cloudchamber.coordinator.grade.algebra;

/**
 * A piece of an answer.
 *
 * @param text digits of a number (no commas), the letter, word or command (no backslash), the content of
 *     a {@code \text}, or the sign itself
 * @param afterBlank whether white space stands before it
 */
record Token(Kind kind, String text, boolean afterBlank) {
    enum Kind {
        NUMBER,
        LETTER,
        /** Two plain letters or more. */
        WORD,
        COMMAND,
        TEXT,
        SIGN,
        /** The end of a matrix row. */
        ROW,
        END
    }

    boolean is(Kind kind, String text) {
        return this.kind == kind && this.text.equals(text);
    }

    boolean isSign(String sign) {
        return is(Kind.SIGN, sign);
    }

    boolean isCommand(String command) {
        return is(Kind.COMMAND, command);
    }
}
