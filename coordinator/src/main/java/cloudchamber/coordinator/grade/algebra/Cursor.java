package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A place in the tokens of an answer, and what may be taken from there without knowing the grammar. */
final class Cursor {
    private static final int DEPTH_MAX = 60;

    private static final Set<String> ORDINALS = Set.of("st", "nd", "rd", "th");

    private static final Set<String> CLOSING = Set.of("rangle", "rfloor", "rceil", "end", "choose");

    private final List<Token> tokens;
    private final Edition edition;
    private final Steps steps;
    private int at;
    private int depth;
    private boolean barCloses;

    /** @param depth how deep this text lies inside another */
    Cursor(List<Token> tokens, Edition edition, Steps steps, int depth) {
        this.tokens = new ArrayList<>(tokens);
        this.edition = edition;
        this.steps = steps;
        this.depth = depth;
    }

    // ---- moving

    Token peek() {
        return peek(0);
    }

    Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    /** The token before this one; the first if there is none. */
    Token previous() {
        return tokens.get(Math.clamp(at - 1, 0, tokens.size() - 1));
    }

    void skip(int count) {
        at += count;
    }

    int place() {
        return at;
    }

    void returnTo(int place) {
        at = place;
    }

    /** The rules that the answer is read by. */
    Edition edition() {
        return edition;
    }

    Steps steps() {
        return steps;
    }

    int depth() {
        return depth;
    }

    void spend() throws Unreadable {
        steps.spend(1);
    }

    /** Goes one level deeper into braces, brackets or arguments. */
    void enter() throws Unreadable {
        depth++;
        if (depth > DEPTH_MAX) {
            throw new Unreadable("an answer may nest at most " + DEPTH_MAX + " deep");
        }
    }

    void leave() {
        depth--;
    }

    /** Whether a bar ends what is open, rather than beginning an absolute value. */
    boolean barCloses() {
        return barCloses;
    }

    void setBarCloses(boolean barCloses) {
        this.barCloses = barCloses;
    }

    /** Parts the first letter of a word from the rest, as two tokens. */
    void splitWord() {
        Token word = peek();
        String rest = word.text().substring(1);
        tokens.set(at, new Token(Kind.LETTER, word.text().substring(0, 1), word.afterBlank()));
        tokens.add(at + 1, new Token(rest.length() == 1 ? Kind.LETTER : Kind.WORD, rest, false));
    }

    /** What parts two answers: {@code , ; and or}. */
    static boolean isSeparator(Token token) {
        String text = token.text().strip();
        return switch (token.kind()) {
            case SIGN -> text.equals(",") || text.equals(";");
            case WORD, TEXT -> text.equals("and") || text.equals("or") || text.equals(",");
            case COMMAND -> text.equals("and") || text.equals("or");
            case NUMBER, LETTER, ROW, END -> false;
        };
    }

    /** What ends a list of answers. */
    static boolean closes(Token token) {
        return switch (token.kind()) {
            case SIGN ->
                token.text().equals(")")
                        || token.text().equals("]")
                        || token.text().equals("}")
                        || token.text().equals("\\}");
            case END, ROW -> true;
            case COMMAND -> CLOSING.contains(token.text());
            case NUMBER, LETTER, WORD, TEXT -> false;
        };
    }

    static boolean isPlusOrMinus(Token token) {
        return token.isSign("+") || token.isSign("-") || token.isCommand("pm") || token.isCommand("mp");
    }

    static boolean isBracketClose(Token token) {
        return token.isSign(")") || token.isSign("]") || token.isSign("\\}");
    }

    /** The digits of an argument that is a plain number; the tokens are consumed only as far as read. */
    Optional<String> digits() {
        if (peek().kind() == Kind.NUMBER) {
            return Optional.of(firstDigit());
        }
        if (peek().isSign("{") && peek(1).kind() == Kind.NUMBER && peek(2).isSign("}")) {
            String digits = peek(1).text();
            at += 3;
            return Optional.of(digits);
        }
        return Optional.empty();
    }

    /** In LaTeX {@code \frac43} takes one digit for each argument: the rest becomes a number of its own. */
    String firstDigit() {
        String digits = peek().text();
        if (digits.length() == 1) {
            at++;
            return digits;
        }
        tokens.set(at, new Token(Kind.NUMBER, digits.substring(0, 1), peek().afterBlank()));
        at++;
        tokens.add(at, new Token(Kind.NUMBER, digits.substring(1), false));
        return digits.substring(0, 1);
    }

    /** The plain text of braces or of one token: an index, the name of an environment. */
    String subscript() throws Unreadable {
        if (!peek().isSign("{")) {
            return next().text();
        }
        at++;
        var subscript = new StringBuilder();
        while (!peek().isSign("}")) {
            if (peek().kind() == Kind.END) {
                throw new Unreadable("the end of an index was expected: was the end");
            }
            subscript.append(next().text());
        }
        at++;
        return subscript.toString();
    }

    /** The name after {@code \begin} or {@code \end}. */
    String environment() throws Unreadable {
        if (!peek().isSign("{")) {
            throw new Unreadable("the name of an environment was expected: was " + peek().text());
        }
        return subscript();
    }

    /** Signs in front of a factor, as in {@code 2 \cdot -3}: whether they make a minus. */
    boolean signs() throws Unreadable {
        boolean negative = false;
        while (peek().isSign("-") || peek().isSign("+")) {
            negative ^= next().isSign("-");
        }
        return negative;
    }

    /** Takes a degree sign from an exponent, and the C or F of a temperature after it. */
    Optional<Expression> takeDegree() {
        if (peek().isCommand("circ")) {
            skip(1);
        } else if (peek().isSign("{") && peek(1).isCommand("circ") && peek(2).isSign("}")) {
            skip(3);
        } else {
            return Optional.empty();
        }
        String scale = peek().kind() == Kind.LETTER || peek().kind() == Kind.TEXT
                ? peek().text().strip()
                : "";
        return Optional.of(
                switch (scale) {
                    case "C" -> temperature("celsius");
                    case "F" -> temperature("fahrenheit");
                    case String other -> Expression.Constant.DEGREE;
                });
    }

    private Expression temperature(String unit) {
        skip(1);
        return new Expression.Unit(unit);
    }

    /** Takes the ending of {@code 5th} or {@code 5^{\text{th}}}. */
    boolean takeOrdinal() {
        if (previous().kind() != Kind.NUMBER) {
            return false;
        }
        boolean raised = peek(0).isSign("^") && peek(1).isSign("{") && peek(3).isSign("}");
        Token ending = raised ? peek(2) : peek(peek(0).isSign("^") ? 1 : 0);
        boolean ordinal = ORDINALS.contains(ending.text()) && !ending.afterBlank();
        if (ordinal) {
            at += raised ? 4 : peek(0).isSign("^") ? 2 : 1;
        }
        return ordinal;
    }

    /** Takes the name on the left of {@code f(x) = ...}, {@code f^{-1}(x) = ...} or {@code P(A, B) = ...}. */
    Optional<String> takeFunctionName() {
        if (peek().kind() != Kind.LETTER) {
            return Optional.empty();
        }
        boolean inverse = peek(1).isSign("^")
                && peek(2).isSign("{")
                && peek(3).isSign("-")
                && peek(4).is(Kind.NUMBER, "1")
                && peek(5).isSign("}");
        int ahead = inverse ? 6 : 1;
        var name = new StringBuilder(peek().text()).append(inverse ? "^-1" : "");
        if (!peek(ahead).isSign("(")) {
            return Optional.empty();
        }
        do {
            name.append(peek(ahead).text());
            ahead++;
        } while (peek(ahead).kind() == Kind.LETTER
                || peek(ahead).kind() == Kind.NUMBER
                || peek(ahead).isSign(","));
        if (!peek(ahead).isSign(")") || !peek(ahead + 1).isSign("=")) {
            return Optional.empty();
        }
        at += ahead + 1;
        return Optional.of(name.append(')').toString());
    }

    /** Takes the digits that repeat, in {@code 0.1\overline{6}}, and makes the number of them and those before. */
    Optional<Rational> takeRepeating(String digits) {
        boolean shape = digits.indexOf('.') >= 0
                && peek().isCommand("overline")
                && peek(1).isSign("{")
                && peek(2).kind() == Kind.NUMBER
                && peek(3).isSign("}");
        if (!shape) {
            return Optional.empty();
        }
        String period = peek(2).text();
        int places = digits.length() - digits.indexOf('.') - 1;
        Optional<Rational> before =
                Rational.ofDecimal("0" + (places == 0 ? digits.substring(0, digits.length() - 1) : digits));
        Optional<Rational> repeated = Rational.ofDecimal(period).filter(Rational::isInteger);
        if (before.isEmpty() || repeated.isEmpty()) {
            return Optional.empty();
        }
        at += 4;
        BigInteger nines =
                BigInteger.TEN.pow(period.length()).subtract(BigInteger.ONE).multiply(BigInteger.TEN.pow(places));
        return Optional.of(before.get().plus(repeated.get().over(Rational.of(nines))));
    }

    /** Takes a number in words from braces: {@code {eight}}, {@code {\text{eight}}}. */
    Optional<Expression> takeNumberWord() {
        boolean word = peek().isSign("{")
                && (peek(1).kind() == Kind.WORD || peek(1).kind() == Kind.TEXT)
                && peek(2).isSign("}");
        Optional<Expression> number =
                word ? Prose.number(peek(1).text().strip().toLowerCase(Locale.ROOT)) : Optional.empty();
        number.ifPresent(found -> skip(3));
        return number;
    }

    /** Takes a token. At the end it is the END, again and again. */
    Token next() throws Unreadable {
        spend();
        Token token = peek();
        at++;
        return token;
    }

    void expect(Kind kind) throws Unreadable {
        if (peek().kind() != kind) {
            throw new Unreadable(kind + " was expected: was " + peek().text());
        }
    }

    void expectSign(String sign) throws Unreadable {
        if (!peek().isSign(sign)) {
            throw new Unreadable(sign + " was expected: was " + peek().text());
        }
        at++;
    }

    void expectCommand(String command) throws Unreadable {
        if (!peek().isCommand(command)) {
            throw new Unreadable("\\" + command + " was expected: was " + peek().text());
        }
        at++;
    }
}
