package cloudchamber.prompt.jinja;

import cloudchamber.prompt.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Cuts a template's source into tokens, with the white space around its tags taken away as Jinja does. */
final class Lexer {
    /*
     * trim_blocks: the first newline after a block or a comment goes; lstrip_blocks: so does the white space between
     * the beginning of a line and a block or a comment. A minus at a tag takes all white space on its side, a plus
     * keeps it. One newline at the very end of the source goes.
     */
    private static final Pattern OPENING = Pattern.compile("\\{[{%#]");
    private static final Pattern NUMBER = Pattern.compile("\\d[\\d_]*(\\.\\d+)?([eE][+-]?\\d+)?");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]*");
    private static final List<String> OPERATORS = List.of(
            "**", "//", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "~", "|", ".", ",", ":", "=", "(",
            ")", "[", "]", "{", "}");

    private final String source;
    private final int[] newlines;
    private final List<Token> tokens = new ArrayList<>();
    private int at;

    private Lexer(String source) {
        this.source = source;
        this.newlines = IntStream.range(0, source.length())
                .filter(index -> source.charAt(index) == '\n')
                .toArray();
    }

    static List<Token> tokens(String template) {
        var source = template.replace("\r\n", "\n").replace('\r', '\n');
        var lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.read();
        return lexer.tokens;
    }

    private void read() {
        var opening = OPENING.matcher(source);
        boolean trims = false;
        while (opening.find(at)) {
            int begin = opening.start();
            data(at, begin, trims, sign(begin + 2), opening.group().equals("{{"));
            at = begin + 2 + (sign(begin + 2) == 0 ? 0 : 1);
            trims = switch (opening.group()) {
                case "{#" -> comment(begin);
                case "{%" -> block(begin);
                default -> output(begin);
            };
        }
        data(at, source.length(), trims, 0, true);
        add(Kind.END, "", source.length());
    }

    /** '-' or '+' at {@code index}; 0 for neither. */
    private char sign(int index) {
        char character = index < source.length() ? source.charAt(index) : 0;
        return character == '-' || character == '+' ? character : 0;
    }

    /** @param trims whether the tag before took all white space after it */
    private void data(int from, int to, boolean trims, int sign, boolean beforeOutput) {
        int begin = from;
        int end = to;
        while (trims && begin < end && Text.isSpace(source.charAt(begin))) {
            begin++;
        }
        if (sign == '-') {
            while (end > begin && Text.isSpace(source.charAt(end - 1))) {
                end--;
            }
        } else if (sign == 0 && !beforeOutput) {
            int line = end;
            while (line > begin && source.charAt(line - 1) != '\n' && Text.isSpace(source.charAt(line - 1))) {
                line--;
            }
            if (line == 0 || source.charAt(line - 1) == '\n') {
                end = line;
            }
        }
        if (end > begin) {
            add(Kind.DATA, source.substring(begin, end), begin);
        }
    }

    private boolean comment(int begin) {
        int end = source.indexOf("#}", begin + 2);
        if (end < 0) {
            throw JinjaException.at(line(begin), "a comment must end with #}: it does not end");
        }
        at = end + 2;
        return afterTag(source.charAt(end - 1));
    }

    private boolean block(int begin) {
        add(Kind.BLOCK_BEGIN, "{%", begin);
        char sign = inside(begin, "%}");
        add(Kind.BLOCK_END, "%}", begin);
        return afterTag(sign);
    }

    private boolean output(int begin) {
        add(Kind.OUTPUT_BEGIN, "{{", begin);
        char sign = inside(begin, "}}");
        add(Kind.OUTPUT_END, "}}", begin);
        return sign == '-';
    }

    /** Whether all white space after the tag goes; the first newline does in any case but after a plus. */
    private boolean afterTag(char sign) {
        if (sign != '-' && sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        return sign == '-';
    }

    /** Reads tokens up to the closing, and tells the sign before that. */
    private char inside(int begin, String closing) {
        int braces = 0;
        while (true) {
            while (at < source.length() && Text.isSpace(source.charAt(at))) {
                at++;
            }
            if (at >= source.length()) {
                throw JinjaException.at(line(begin), "a tag must end with " + closing + ": it does not end");
            }
            if (braces == 0 && source.startsWith(closing, at)) {
                at += 2;
                return 0;
            }
            if (braces == 0 && sign(at) != 0 && source.startsWith(closing, at + 1)) {
                at += 3;
                return source.charAt(at - 3);
            }
            char character = source.charAt(at);
            braces += character == '{' ? 1 : character == '}' ? -1 : 0;
            token(character);
        }
    }

    private void token(char character) {
        if (character == '\'' || character == '"') {
            string(character);
            return;
        }
        Matcher number = NUMBER.matcher(source).region(at, source.length());
        if (number.lookingAt()) {
            boolean whole = number.group(1) == null && number.group(2) == null;
            add(whole ? Kind.INTEGER : Kind.FLOAT, number.group().replace("_", ""), at);
            at = number.end();
            return;
        }
        Matcher name = NAME.matcher(source).region(at, source.length());
        if (name.lookingAt()) {
            add(Kind.NAME, name.group(), at);
            at = name.end();
            return;
        }
        var operator = OPERATORS.stream()
                .filter(known -> source.startsWith(known, at))
                .findFirst()
                .orElseThrow(() -> JinjaException.at(line(at), "an operator was expected: was [" + character + "]"));
        add(Kind.OPERATOR, operator, at);
        at += operator.length();
    }

    private void string(char quote) {
        int begin = at;
        var value = new StringBuilder();
        for (at++; at < source.length() && source.charAt(at) != quote; at++) {
            char character = source.charAt(at);
            if (character == '\\' && at + 1 < source.length()) {
                at++;
                escape(value);
            } else {
                value.append(character);
            }
        }
        if (at >= source.length()) {
            throw JinjaException.at(line(begin), "a string must end with " + quote + ": it does not end");
        }
        at++;
        add(Kind.STRING, value.toString(), begin);
    }

    /** Python's escapes; one that is none stays as it is written. */
    private void escape(StringBuilder value) {
        char escaped = source.charAt(at);
        switch (escaped) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case '\\', '\'', '"' -> value.append(escaped);
            case '\n' -> {}
            case 'x' -> codePoint(value, 2);
            case 'u' -> codePoint(value, 4);
            case 'U' -> codePoint(value, 8);
            default -> value.append('\\').append(escaped);
        }
    }

    private void codePoint(StringBuilder value, int digits) {
        try {
            value.appendCodePoint(Integer.parseInt(source, at + 1, at + 1 + digits, 16));
            at += digits;
        } catch (IndexOutOfBoundsException | IllegalArgumentException wrong) {
            throw JinjaException.at(line(at), "an escape must have " + digits + " hexadecimal digits of a character");
        }
    }

    private void add(Kind kind, String text, int index) {
        tokens.add(new Token(kind, text, line(index)));
    }

    private int line(int index) {
        int place = Arrays.binarySearch(newlines, index);
        return 1 + (place < 0 ? -place - 1 : place);
    }
}
