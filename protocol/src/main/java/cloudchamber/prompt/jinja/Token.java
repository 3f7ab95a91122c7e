package cloudchamber.prompt.jinja;

/**
 * A piece of a template's source.
 *
 * @param text of a string literal its value, of the others their spelling
 * @param line counted from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other, String spelling) {
        return kind == other && text.equals(spelling);
    }
}
