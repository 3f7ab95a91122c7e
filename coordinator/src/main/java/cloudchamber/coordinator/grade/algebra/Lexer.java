package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Cuts an answer into tokens and drops what is layout only. One pass, no look back. */
public final class Lexer {
    /*
     * A comma between digits is part of the number ("58,500") if exactly three digits follow, no blank
     * does, and no bracket is open: (1,234) is a point. With \! or braces around it, as in 10,\!080 and
     * 10{,}080, it always is. A blank between digits is, under the rules of the comma.
     */
    private static final Set<String> LAYOUT = Set.of(
            "left",
            "right",
            "big",
            "Big",
            "bigl",
            "bigr",
            "Bigl",
            "Bigr",
            "bigg",
            "Bigg",
            "biggl",
            "biggr",
            "middle",
            "displaystyle",
            "textstyle",
            "limits",
            "nolimits",
            "quad",
            "qquad",
            "enspace",
            "thinspace",
            "hfill",
            "rm",
            "bf",
            "it",
            "boxed",
            "fbox",
            "phantom",
            "null",
            "space");

    private static final Set<String> TEXTS = Set.of(
            "text",
            "mbox",
            "textbf",
            "textit",
            "textrm",
            "textsf",
            "texttt",
            "textnormal",
            "mathrm",
            "mathbf",
            "mathit",
            "mathsf",
            "mathbb",
            "mathcal",
            "operatorname",
            "hbox",
            "bold",
            "boldsymbol");

    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("dfrac", "frac"),
            Map.entry("tfrac", "frac"),
            Map.entry("cfrac", "frac"),
            Map.entry("dbinom", "binom"),
            Map.entry("tbinom", "binom"),
            Map.entry("leq", "le"),
            Map.entry("leqslant", "le"),
            Map.entry("geq", "ge"),
            Map.entry("geqslant", "ge"),
            Map.entry("neq", "ne"),
            Map.entry("lt", "<"),
            Map.entry("gt", ">"),
            Map.entry("ast", "*"),
            Map.entry("cdotp", "cdot"),
            Map.entry("lbrace", "{"),
            Map.entry("rbrace", "}"),
            Map.entry("lbrack", "["),
            Map.entry("rbrack", "]"),
            Map.entry("lparen", "("),
            Map.entry("rparen", ")"),
            Map.entry("vert", "|"),
            Map.entry("lvert", "|"),
            Map.entry("rvert", "|"),
            Map.entry("mid", "|"),
            Map.entry("colon", ":"),
            Map.entry("varnothing", "emptyset"),
            Map.entry("backslash", "setminus"),
            Map.entry("degree", "circ"),
            Map.entry("degrees", "circ"),
            Map.entry("imath", "i"),
            Map.entry("prime", "'"),
            Map.entry("land", "and"),
            Map.entry("wedge", "and"),
            Map.entry("lor", "or"),
            Map.entry("vee", "or"),
            Map.entry("approxeq", "approx"),
            Map.entry("thickapprox", "approx"),
            Map.entry("simeq", "approx"),
            Map.entry("varphi", "phi"),
            Map.entry("varepsilon", "epsilon"),
            Map.entry("vartheta", "theta"));

    private static final Map<Character, String> UNICODE = Map.ofEntries(
            Map.entry('\u2212', "-"),
            Map.entry('\u2013', "-"),
            Map.entry('\u00d7', "\\times "),
            Map.entry('\u00b7', "\\cdot "),
            Map.entry('\u22c5', "\\cdot "),
            Map.entry('\u00f7', "/"),
            Map.entry('\u03c0', "\\pi "),
            Map.entry('\u03b8', "\\theta "),
            Map.entry('\u221a', "\\sqrt "),
            Map.entry('\u221e', "\\infty "),
            Map.entry('\u00b0', "^\\circ "),
            Map.entry('\u2264', "\\le "),
            Map.entry('\u2265', "\\ge "),
            Map.entry('\u2260', "\\ne "),
            Map.entry('\u2248', "\\approx "),
            Map.entry('\u2208', "\\in "),
            Map.entry('\u222a', "\\cup "),
            Map.entry('\u2229', "\\cap "),
            Map.entry('\u2205', "\\emptyset "),
            Map.entry('\u00b1', "\\pm "),
            Map.entry('\u2213', "\\mp "),
            Map.entry('\u00b2', "^2 "),
            Map.entry('\u00b3', "^3 "),
            Map.entry('\u00bd', "\\frac12 "),
            Map.entry('\u00bc', "\\frac14 "),
            Map.entry('\u00be', "\\frac34 "),
            Map.entry('\u20ac', "\\euro "),
            Map.entry('\u00a3', "\\pounds "),
            Map.entry('\u00a2', "\\cents "),
            Map.entry('\u00a0', " "),
            Map.entry('\u202f', " "),
            Map.entry('\u2009', " "));

    private final String source;
    private final Edition edition;
    private final Steps steps;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int brackets;
    private boolean blank;

    private Lexer(String source, Edition edition, Steps steps) {
        this.source = source;
        this.edition = edition;
        this.steps = steps;
    }

    /** The tokens of an answer; the last is the END. */
    static List<Token> tokens(String answer, Edition edition, Steps steps) throws Unreadable {
        var lexer = new Lexer(plain(edition.isSecond() ? Characters.ascii(answer) : answer), edition, steps);
        lexer.run();
        return lexer.tokens;
    }

    /** The answer without blanks and layout: what two unreadable answers are compared by. */
    public static String spelling(String answer, Edition edition) {
        var spelling = new StringBuilder();
        try {
            for (Token token : tokens(answer, edition, new Steps())) {
                switch (token.kind()) {
                    case COMMAND -> spelling.append('\\').append(token.text());
                    case ROW -> spelling.append("\\\\");
                    case NUMBER, LETTER, WORD, TEXT, SIGN, END -> spelling.append(token.text());
                }
            }
            return spelling.toString();
        } catch (Unreadable unread) {
            return answer.strip();
        }
    }

    private static String plain(String answer) {
        var plain = new StringBuilder(answer.length() + 16);
        for (int index = 0; index < answer.length(); index++) {
            char character = answer.charAt(index);
            String ascii = character < 128 ? null : UNICODE.get(character);
            if (ascii == null) {
                plain.append(character);
            } else {
                plain.append(ascii);
            }
        }
        return plain.toString();
    }

    private void run() throws Unreadable {
        while (at < source.length()) {
            steps.spend(1);
            char character = source.charAt(at);
            if (Character.isWhitespace(character) || character == '~') {
                blank = true;
                at++;
            } else if (isDigit(character) || character == '.' && (isDigit(peek(1)) || repeats(1))) {
                number();
            } else if (isLetter(character)) {
                if (!timesTen()) {
                    letters();
                }
            } else if (character == '\\') {
                command();
            } else if (character == '$') {
                at++;
            } else if (edition.isSecond() && character == '*' && peek(1) == '*') {
                at += 2;
                sign("^");
            } else if (!relation(character)) {
                at++;
                sign(String.valueOf(character));
            }
        }
        add(Kind.END, "");
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, blank));
        blank = false;
    }

    private void sign(String sign) {
        switch (sign) {
            case "(", "[", "\\{" -> brackets++;
            case ")", "]", "\\}" -> brackets--;
            default -> {}
        }
        add(Kind.SIGN, sign);
    }

    /** Relations as programs write them: {@code <=}, {@code >=}, {@code ==}, and {@code !=} after a blank. */
    private boolean relation(char first) {
        if (peek(1) != '=' || "<>=!".indexOf(first) < 0 || first == '!' && !blank) {
            return false;
        }
        at += 2;
        switch (first) {
            case '<' -> add(Kind.COMMAND, "le");
            case '>' -> add(Kind.COMMAND, "ge");
            case '!' -> add(Kind.COMMAND, "ne");
            default -> add(Kind.SIGN, "=");
        }
        return true;
    }

    private void number() {
        var digits = new StringBuilder();
        digits(digits);
        boolean mayGroup = digits.length() <= 3 && !digits.toString().startsWith("0");
        while (digits.length() > 0 && groupFollows(mayGroup)) {
            digits(digits);
        }
        if (peek(0) == '.' && isDigit(peek(1))) {
            digits.append('.');
            at++;
            digits(digits);
        } else if (peek(0) == '.' && repeats(1)) {
            digits.append('.');
            at++;
        } else if (peek(0) == '.' && !Character.isLetterOrDigit(peek(1)) && peek(1) != '.') {
            at++;
        }
        add(Kind.NUMBER, digits.toString());
        scientific();
    }

    /**
     * A power of ten as programs print it: {@code 6e23}, {@code 6e+23}, {@code 6e-05}. In the first edition, with a
     * minus and one digit, e is taken for the number: {@code 2e-3}.
     */
    private void scientific() {
        if (peek(0) != 'e' && peek(0) != 'E') {
            return;
        }
        boolean signed = peek(1) == '-' || peek(1) == '+';
        int start = at + (signed ? 2 : 1);
        int end = start;
        while (end < source.length() && isDigit(source.charAt(end))) {
            end++;
        }
        boolean name = !edition.isSecond() && peek(1) == '-' && end == start + 1;
        boolean goesOn = edition.isSecond() && (source.startsWith(".", end) && isDigit(peek(end + 1 - at)));
        if (end == start || name || goesOn) {
            return;
        }
        add(Kind.COMMAND, "cdot");
        add(Kind.NUMBER, "10");
        add(Kind.SIGN, "^");
        if (peek(1) == '-') {
            add(Kind.SIGN, "-");
        }
        add(Kind.NUMBER, source.substring(start, end));
        at = end;
    }

    /** The cross of {@code 3 x 10^8}, written with a letter. */
    private boolean timesTen() {
        boolean cross = edition.isSecond()
                && (peek(0) == 'x' || peek(0) == 'X')
                && !tokens.isEmpty()
                && tokens.getLast().kind() == Kind.NUMBER;
        int next = at + 1;
        while (cross && next < source.length() && source.charAt(next) == ' ') {
            next++;
        }
        if (!cross || !source.startsWith("10^", next) && !source.startsWith("10**", next)) {
            return false;
        }
        at++;
        add(Kind.COMMAND, "times");
        return true;
    }

    private void digits(StringBuilder digits) {
        while (isDigit(peek(0))) {
            digits.append(source.charAt(at++));
        }
    }

    /** Steps over a mark between thousands if one stands here and three digits follow it. */
    private boolean groupFollows(boolean unmarkedToo) {
        int next = at;
        boolean marked = false;
        if (source.startsWith("{,}", next)) {
            next += 3;
            marked = true;
        } else if (source.startsWith("\\,", next)) {
            next += 2;
            marked = true;
        } else if (peek(0) == ',') {
            next++;
            while (isThinSpace(next)) {
                next += 2;
                marked = true;
            }
            while (marked && (isThinSpace(next) || next < source.length() && source.charAt(next) == ' ')) {
                next += source.charAt(next) == ' ' ? 1 : 2;
            }
        } else if (peek(0) == ' ') {
            next++;
        } else if (peek(0) == '\'' && edition.isSecond()) {
            next++;
        } else {
            return false;
        }
        boolean three = next + 3 <= source.length()
                && isDigit(source.charAt(next))
                && isDigit(source.charAt(next + 1))
                && isDigit(source.charAt(next + 2))
                && (next + 3 == source.length() || !isDigit(source.charAt(next + 3)));
        boolean fraction = peek(0) == ' ' && next + 3 < source.length() && source.charAt(next + 3) == '/';
        if (!three || fraction || !marked && (brackets > 0 || !unmarkedToo)) {
            return false;
        }
        at = next;
        return true;
    }

    private boolean repeats(int ahead) {
        return source.startsWith("\\overline", at + ahead);
    }

    private boolean isThinSpace(int index) {
        return source.startsWith("\\!", index) || source.startsWith("\\;", index) || source.startsWith("\\,", index);
    }

    private void letters() {
        int start = at;
        while (isLetter(peek(0))) {
            at++;
        }
        add(at - start == 1 ? Kind.LETTER : Kind.WORD, source.substring(start, at));
    }

    private void command() throws Unreadable {
        char next = peek(1);
        if (isLetter(next)) {
            int start = ++at;
            while (isLetter(peek(0))) {
                at++;
            }
            named(source.substring(start, at));
            return;
        }
        at += 2;
        switch (next) {
            case ',', ';', ':', '!', '>', '(', ')', '[', ']', '-', '/' -> {}
            case ' ', '\n', '\t', '\0' -> blank = true;
            case '\\' -> add(Kind.ROW, "");
            case '{', '}' -> sign("\\" + next);
            case '%' -> sign("%");
            case '|' -> sign("|");
            case '$' -> add(Kind.COMMAND, "$");
            case '#', '&', '_' -> add(Kind.TEXT, String.valueOf(next));
            default -> throw new Unreadable("a command was expected: was \\" + next);
        }
    }

    private void named(String written) throws Unreadable {
        if (LAYOUT.contains(written)) {
            blank = blank || written.endsWith("quad");
            if ((written.equals("left") || written.equals("right")) && peek(0) == '.') {
                at++;
            }
            return;
        }
        if (TEXTS.contains(written)) {
            boolean reals = written.equals("mathbb")
                    && (source.startsWith("{R}", at) || source.startsWith(" R", at) || peek(0) == 'R');
            if (reals) {
                at = source.indexOf('R', at) + 1;
                at += peek(0) == '}' ? 1 : 0;
                add(Kind.COMMAND, "reals");
            } else {
                text();
            }
            return;
        }
        String command = SYNONYMS.getOrDefault(written, written);
        switch (command) {
            case "{", "}" -> sign("\\" + command);
            case "<", ">", "*", "[", "]", "(", ")", "|", ":", "'" -> sign(command);
            case "i" -> add(Kind.LETTER, "i");
            default -> add(Kind.COMMAND, command);
        }
    }

    /** The content of {@code \text}: in braces, or the one letter that follows. */
    private void text() {
        while (peek(0) == ' ') {
            at++;
        }
        if (peek(0) != '{') {
            return;
        }
        int start = at + 1;
        int depth = 0;
        int end = at;
        for (; end < source.length(); end++) {
            char character = source.charAt(end);
            if (character == '{') {
                depth++;
            } else if (character == '}' && --depth == 0) {
                break;
            }
        }
        at = Math.min(source.length(), end + 1);
        add(Kind.TEXT, source.substring(start, end));
    }

    private char peek(int ahead) {
        return at + ahead < source.length() ? source.charAt(at + ahead) : '\0';
    }

    static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    public static boolean isLetter(char character) {
        return character >= 'a' && character <= 'z' || character >= 'A' && character <= 'Z';
    }
}
