package cloudchamber.coordinator.grade;

import cloudchamber.coordinator.grade.Expression.Call;
import cloudchamber.coordinator.grade.Expression.Constant;
import cloudchamber.coordinator.grade.Expression.Numeral;
import cloudchamber.coordinator.grade.Expression.Power;
import cloudchamber.coordinator.grade.Expression.Product;
import cloudchamber.coordinator.grade.Expression.Sum;
import cloudchamber.coordinator.grade.Expression.Symbol;
import cloudchamber.coordinator.grade.Expression.Unit;
import cloudchamber.coordinator.grade.Token.Kind;
import cloudchamber.coordinator.grade.Value.Group;
import cloudchamber.coordinator.grade.Value.Joined;
import cloudchamber.coordinator.grade.Value.Matrix;
import cloudchamber.coordinator.grade.Value.Operator;
import cloudchamber.coordinator.grade.Value.Relation;
import cloudchamber.coordinator.grade.Value.Scalar;
import cloudchamber.coordinator.grade.Value.Several;
import cloudchamber.coordinator.grade.Value.Unread;
import cloudchamber.coordinator.grade.Value.Words;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads an answer, in LaTeX or plain, into a {@link Value}. Total: what is outside the subset, too long,
 * too deep or too costly comes back as {@link Unread}.
 *
 * <pre>
 *   answer   := item ((',' | ';' | 'and' | 'or') item)*
 *   item     := joined (relation joined)*          once for each choice of the signs of its &plusmn;
 *   joined   := sum (('&cup;' | '&cap;' | '\setminus') sum)*
 *   sum      := ['+' | '-' | '&plusmn;'] product (('+' | '-' | '&plusmn;') product)*
 *   product  := factor (['&middot;' | '/' | ...] factor)*
 *   factor   := primary ('^' argument | '!' | '%' | '_' argument)*
 * </pre>
 */
final class Reader {
    /*
     * Plus-minus is read by reading its item again with other signs: that keeps the grammar plain, and
     * the step counter and SIGNS_MAX bound the work.
     *
     * A fraction of two plain integers right after a plain integer is a mixed number. A function without
     * parentheses takes the product that follows, up to the next function, as printed mathematics does.
     */
    static final int LENGTH_MAX = 2_000;

    private static final int DEPTH_MAX = 60;
    private static final int SIGNS_MAX = 3;
    private static final int FACTORIAL_MAX = 200;

    static final Set<String> FUNCTIONS = Set.of(
            "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln", "log",
            "lg", "exp", "gcd", "lcm", "max", "min", "det");

    private static final Set<String> GREEK = Set.of(
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
            "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
            "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell", "hbar");

    private static final Map<String, Operator> RELATIONS = Map.of(
            "=", Operator.EQUAL,
            "<", Operator.LESS,
            ">", Operator.GREATER,
            "le", Operator.AT_MOST,
            "ge", Operator.AT_LEAST,
            "ne", Operator.UNEQUAL,
            "in", Operator.IN,
            "approx", Operator.ABOUT,
            "equiv", Operator.EQUAL);

    /** After one of these a number is no longer just counted: "5 or more". */
    private static final Set<String> NO_UNITS = Set.of(
            "or", "and", "at", "least", "most", "more", "less", "than", "if", "when", "where", "for", "not", "no",
            "only", "mod", "to", "by", "is", "are");

    private static final Set<String> ORDINALS = Set.of("st", "nd", "rd", "th");

    private static final Set<String> CLOSING = Set.of("rangle", "rfloor", "rceil", "end", "choose");

    private static final Set<String> MATRICES =
            Set.of("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array");

    private final List<Token> tokens;
    private final Steps steps;
    private int at;
    private int depth;
    private int signs;
    private int signsSeen;
    private boolean barCloses;
    private boolean alternatives;

    private Reader(List<Token> tokens, Steps steps) {
        this.tokens = new ArrayList<>(tokens);
        this.steps = steps;
    }

    /** Reads a whole answer. */
    static Value read(String answer, Steps steps) {
        String tidy = Extraction.tidy(answer);
        if (tidy.length() > LENGTH_MAX) {
            return new Unread(tidy);
        }
        try {
            List<Token> tokens = Lexer.tokens(tidy, steps);
            Optional<String> words = Prose.words(tokens);
            if (words.isPresent()) {
                Optional<Expression> number = Prose.number(words.get());
                return number.isPresent() ? new Scalar(number.get()) : new Words(words.get());
            }
            var reader = new Reader(tokens, steps);
            Value value = reader.answer();
            reader.expect(Kind.END);
            return value;
        } catch (Unreadable unread) {
            return new Unread(Lexer.spelling(tidy));
        }
    }

    // ---- answers and items

    private Value answer() throws Unreadable {
        if (peek().kind() == Kind.TEXT && peek(1).kind() == Kind.END) {
            return inner(next().text());
        }
        if (peek().isSign("=") || peek().isCommand("approx")) {
            at++;
        }
        alternatives = false;
        List<Value> items = answers();
        if (items.size() == 1) {
            return items.getFirst();
        }
        List<Value> values = unassigned(items);
        // "x < 1 or x > 3" is one set; without the "or" it may be both at once
        boolean ranges = alternatives
                && values.stream().allMatch(Group.class::isInstance)
                && items.stream().allMatch(Relation.class::isInstance);
        return ranges ? new Joined("cup", values) : new Several(values, false);
    }

    /** Reads the content of a {@code \text} that is more than words: {@code (B)}, {@code x = 5}. */
    private Value inner(String content) throws Unreadable {
        List<Token> inside = Lexer.tokens(content, steps);
        if (Prose.words(inside).isPresent()) {
            throw new Unreadable("mathematics was expected: was " + content);
        }
        var reader = new Reader(inside, steps);
        reader.depth = depth + 1;
        reader.checkDepth();
        Value value = reader.answer();
        reader.expect(Kind.END);
        return value;
    }

    /** In {@code x = 1, 2} or {@code x = 1, x = 2} the name is said for all: the values are the answers. */
    private static List<Value> unassigned(List<Value> items) {
        Optional<String> name = Optional.empty();
        List<Value> values = new ArrayList<>();
        for (Value item : items) {
            Optional<Relations.Named> named = Relations.named(item);
            if (named.isEmpty()) {
                values.add(item);
                continue;
            }
            if (name.isPresent() && !name.get().equals(named.get().name())) {
                return items;
            }
            name = Optional.of(named.get().name());
            values.add(named.get().value());
        }
        return values;
    }

    /** Answers in any order: each choice of the signs of a &plusmn; is an answer of its own. */
    private List<Value> answers() throws Unreadable {
        List<Value> items = new ArrayList<>();
        do {
            item(items);
        } while (separator() && !closes(peek()));
        return items;
    }

    /** The elements of a group: the signs of a &plusmn; belong to the answer around it. */
    private List<Value> elements() throws Unreadable {
        List<Value> elements = new ArrayList<>();
        do {
            elements.add(related());
        } while (separator() && !closes(peek()));
        return elements;
    }

    /** Steps over what parts two answers: {@code , ; and or}, also together. */
    private boolean separator() {
        boolean seen = false;
        while (isSeparator(peek())) {
            alternatives |= peek().text().strip().equals("or");
            at++;
            seen = true;
        }
        return seen;
    }

    private static boolean isSeparator(Token token) {
        String text = token.text().strip();
        return switch (token.kind()) {
            case SIGN -> text.equals(",") || text.equals(";");
            case WORD, TEXT -> text.equals("and") || text.equals("or") || text.equals(",");
            case COMMAND -> text.equals("and") || text.equals("or");
            case NUMBER, LETTER, ROW, END -> false;
        };
    }

    private static boolean closes(Token token) {
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

    /** One item for each choice of its signs; a value that comes twice is kept once only where it is counted. */
    private void item(List<Value> items) throws Unreadable {
        int start = at;
        int signsOutside = signs;
        int seenOutside = signsSeen;
        signs = 0;
        signsSeen = 0;
        items.add(related());
        int seen = signsSeen;
        if (seen > SIGNS_MAX) {
            throw new Unreadable("at most " + SIGNS_MAX + " signs may be open: was " + seen);
        }
        for (int choice = 1; choice < 1 << seen; choice++) {
            at = start;
            signs = choice;
            signsSeen = 0;
            items.add(related());
        }
        signs = signsOutside;
        signsSeen = seenOutside;
    }

    private Value related() throws Unreadable {
        Optional<String> function = functionName();
        Value first = function.isPresent() ? new Scalar(new Symbol(function.get())) : joined();
        Optional<Operator> operator = relation();
        if (operator.isEmpty()) {
            return first;
        }
        List<Value> sides = new ArrayList<>();
        List<Operator> operators = new ArrayList<>();
        sides.add(first);
        while (operator.isPresent()) {
            at++;
            operators.add(operator.get());
            sides.add(joined());
            operator = relation();
        }
        boolean rounded = operators.getLast() == Operator.ABOUT
                && (sides.size() > 2 || Relations.nameOf(sides.getFirst()).isEmpty());
        if (!rounded) {
            return new Relation(sides, operators);
        }
        // "1/3 is about 0.33": the answer is what was rounded
        return sides.size() == 2
                ? sides.getFirst()
                : new Relation(sides.subList(0, sides.size() - 1), operators.subList(0, operators.size() - 1));
    }

    /** Steps over the name on the left of {@code f(x) = ...}, {@code f^{-1}(x) = ...} or {@code P(A, B) = ...}. */
    private Optional<String> functionName() {
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

    private Optional<Operator> relation() {
        Token token = peek();
        return token.kind() == Kind.SIGN || token.kind() == Kind.COMMAND
                ? Optional.ofNullable(RELATIONS.get(token.text()))
                : Optional.empty();
    }

    private Value joined() throws Unreadable {
        Value first = sum();
        if (peek().isCommand("choose")) {
            at++;
            return new Scalar(new Call("binom", List.of(scalar(first), scalar(sum()))));
        }
        List<Value> parts = new ArrayList<>(List.of(first));
        String operator = null;
        while (isJoin(peek())) {
            String read = next().text();
            String here = read.equals("U") ? "cup" : read;
            if (operator != null && !operator.equals(here)) {
                throw new Unreadable("one kind of join was expected: was " + operator + " and " + here);
            }
            operator = here;
            parts.add(sum());
        }
        if (operator == null) {
            return first;
        }
        Optional<Value> worked = operator.equals("setminus") && parts.size() == 2
                ? Relations.realsWithout(parts.getFirst(), parts.getLast(), steps)
                : Optional.empty();
        return worked.isPresent() ? worked.get() : new Joined(operator, parts);
    }

    private boolean isJoin(Token token) {
        return token.isCommand("cup")
                || token.isCommand("cap")
                || token.isCommand("setminus")
                || token.is(Kind.LETTER, "U") && at > 0 && isBracketClose(tokens.get(at - 1));
    }

    private static boolean isBracketClose(Token token) {
        return token.isSign(")") || token.isSign("]") || token.isSign("\\}");
    }

    // ---- sums and products

    private Value sum() throws Unreadable {
        depth++;
        checkDepth();
        Value first = signedProduct();
        if (!isPlusOrMinus(peek())) {
            depth--;
            return first;
        }
        List<Expression> terms = new ArrayList<>(List.of(scalar(first)));
        while (isPlusOrMinus(peek())) {
            terms.add(scalar(signedProduct()));
        }
        depth--;
        return new Scalar(new Sum(terms));
    }

    private static boolean isPlusOrMinus(Token token) {
        return token.isSign("+") || token.isSign("-") || token.isCommand("pm") || token.isCommand("mp");
    }

    private Value signedProduct() throws Unreadable {
        boolean negative = false;
        while (isPlusOrMinus(peek())) {
            Token sign = next();
            negative ^= sign.isSign("-");
            if (sign.kind() == Kind.COMMAND) {
                negative ^= sign.isCommand("pm") ? choice() : !linkedChoice();
            }
        }
        Value product = product();
        if (!negative) {
            return product;
        }
        return product instanceof Matrix matrix
                ? scaled(Expression.MINUS_ONE, matrix)
                : new Scalar(scalar(product).negated());
    }

    /** The sign of one more &plusmn;: whether it is a minus in this reading. */
    private boolean choice() {
        return (signs >> signsSeen++ & 1) == 1;
    }

    /** The sign of the last &plusmn; again, for its &#8723;; a &#8723; alone has a choice of its own. */
    private boolean linkedChoice() {
        return signsSeen == 0 ? choice() : (signs >> signsSeen - 1 & 1) == 1;
    }

    private Value product() throws Unreadable {
        Value first = factor();
        List<Expression> factors = new ArrayList<>();
        Matrix matrix = null;
        if (first instanceof Matrix only) {
            matrix = only;
        } else if (!(first instanceof Scalar) && !continuesProduct()) {
            return first;
        } else {
            factors.add(scalar(first));
        }
        boolean unitSeen = false;
        while (continuesProduct()) {
            steps.spend(1);
            Token token = peek();
            boolean times = token.isCommand("cdot") || token.isCommand("times") || token.isSign("*");
            boolean divided = token.isSign("/") || token.isCommand("div") || token.is(Kind.WORD, "per");
            if (times || divided) {
                at++;
                boolean negative = signs();
                Expression factor = scalar(factor());
                factor = negative ? factor.negated() : factor;
                factors.add(divided ? new Power(factor, Expression.MINUS_ONE) : factor);
                continue;
            }
            if (mixed(factors)) {
                continue;
            }
            boolean number = token.kind() == Kind.NUMBER;
            if (number && (unitSeen || tokens.get(at - 1).kind() == Kind.NUMBER)) {
                throw new Unreadable("an operator was expected between numbers: was " + token.text());
            }
            List<Expression> unit = unit();
            if (!unit.isEmpty()) {
                unitSeen = true;
                factors.addAll(unit);
                continue;
            }
            Value next = factor();
            if (next instanceof Matrix right && matrix == null) {
                matrix = right;
            } else {
                factors.add(scalar(next));
            }
        }
        Expression product = factors.size() == 1 ? factors.getFirst() : new Product(factors);
        if (matrix == null) {
            return new Scalar(product);
        }
        return factors.isEmpty() ? matrix : scaled(product, matrix);
    }

    /** Signs in front of a factor, as in {@code 2 \cdot -3}: whether they make a minus. */
    private boolean signs() throws Unreadable {
        boolean negative = false;
        while (peek().isSign("-") || peek().isSign("+")) {
            negative ^= next().isSign("-");
        }
        return negative;
    }

    private boolean continuesProduct() {
        Token token = peek();
        return switch (token.kind()) {
            case NUMBER, LETTER -> !isJoin(token);
            case WORD, TEXT -> !isSeparator(token);
            case COMMAND ->
                !isSeparator(token)
                        && !RELATIONS.containsKey(token.text())
                        && !isJoin(token)
                        && !isPlusOrMinus(token)
                        && !closes(token);
            case SIGN ->
                switch (token.text()) {
                    case "(", "[", "{", "*", "/" -> true;
                    case "|" -> !barCloses;
                    default -> false;
                };
            case ROW, END -> false;
        };
    }

    /** Turns the integer just read and the fraction that follows into a mixed number, if they are one. */
    private boolean mixed(List<Expression> factors) {
        boolean afterInteger = tokens.get(at - 1).kind() == Kind.NUMBER
                && factors.size() == 1
                && factors.getFirst() instanceof Numeral(Rational whole)
                && whole.isInteger();
        if (!afterInteger) {
            return false;
        }
        Optional<Rational> fraction = Optional.empty();
        int start = at;
        if (peek().kind() == Kind.NUMBER && peek(1).isSign("/") && peek(2).kind() == Kind.NUMBER) {
            fraction = fraction(peek().text(), peek(2).text());
            at += 3;
        } else if (peek().isCommand("frac")) {
            at++;
            Optional<String> above = digits();
            Optional<String> below = digits();
            if (above.isPresent() && below.isPresent()) {
                fraction = fraction(above.get(), below.get());
            }
        }
        if (fraction.isEmpty()) {
            at = start;
            return false;
        }
        var whole = (Numeral) factors.getFirst();
        factors.set(0, new Numeral(whole.value().plus(fraction.get())));
        return true;
    }

    private static Optional<Rational> fraction(String above, String below) {
        if (above.indexOf('.') >= 0 || below.indexOf('.') >= 0) {
            return Optional.empty();
        }
        return Rational.ofDecimal(below)
                .filter(divisor -> divisor.signum() != 0)
                .flatMap(divisor -> Rational.ofDecimal(above).map(dividend -> dividend.over(divisor)));
    }

    /** The digits of an argument that is a plain number; the tokens are consumed only as far as read. */
    private Optional<String> digits() {
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
    private String firstDigit() {
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

    private Matrix scaled(Expression scale, Matrix matrix) throws Unreadable {
        List<List<Value>> rows = new ArrayList<>();
        for (List<Value> row : matrix.rows()) {
            List<Value> scaled = new ArrayList<>();
            for (Value entry : row) {
                scaled.add(new Scalar(Expression.product(scale, scalar(entry))));
            }
            rows.add(scaled);
        }
        return new Matrix(rows);
    }

    private static Expression scalar(Value value) throws Unreadable {
        if (value instanceof Scalar(Expression expression)) {
            return expression;
        }
        throw new Unreadable("a number was expected: was " + value.getClass().getSimpleName());
    }

    // ---- units

    /** The units that stand here, if any: {@code \text{ cm}^2}, {@code square inches}, {@code apples}. */
    private List<Expression> unit() throws Unreadable {
        Token token = peek();
        List<String> words;
        if (token.kind() == Kind.TEXT) {
            String content = token.text().strip();
            if (content.isEmpty()) {
                at++;
                return List.of(Expression.number(1));
            }
            if (content.length() == 1
                    && !token.text().startsWith(" ")
                    && Units.known(content).isEmpty()) {
                return List.of();
            }
            if (FUNCTIONS.contains(content) || content.equals("i")) {
                return List.of();
            }
            boolean parenthesised = content.startsWith("(") && content.endsWith(")") && content.length() > 3;
            words = List.of((parenthesised ? content.substring(1, content.length() - 1) : content).split("[\\s~]+"));
            at++;
        } else if (token.kind() == Kind.WORD && isUnitWord(token)) {
            words = new ArrayList<>();
            while (peek().kind() == Kind.WORD && !isSeparator(peek()) && !peek().is(Kind.WORD, "per")) {
                words.add(next().text());
            }
        } else {
            return List.of();
        }
        if (words.stream().anyMatch(NO_UNITS::contains)) {
            throw new Unreadable("a unit was expected: was " + String.join(" ", words));
        }
        List<Expression> units = Units.named(words);
        boolean ends = closes(peek())
                || isSeparator(peek())
                || peek().isSign("^")
                || peek().isSign("/")
                || peek().kind() == Kind.TEXT
                || peek().isSign("{")
                || peek().is(Kind.WORD, "per")
                || relation().isPresent()
                || isPlusOrMinus(peek());
        if (!ends && words.stream().anyMatch(word -> Units.known(word).isEmpty())) {
            throw new Unreadable("a unit was expected: was " + String.join(" ", words));
        }
        if (peek().isSign("^") && !units.isEmpty()) {
            at++;
            Expression exponent = argument();
            units.set(units.size() - 1, new Power(units.getLast(), exponent));
        }
        return units;
    }

    private boolean isUnitWord(Token token) {
        String word = token.text();
        return !Prose.isMathematics(word)
                && !GREEK.contains(word)
                && (Units.known(word).isPresent() || Prose.isWord(word) || word.equals("sq") || word.equals("mph"));
    }

    // ---- factors

    private Value factor() throws Unreadable {
        Value value = primary();
        for (int marks = 0; marks < DEPTH_MAX; marks++) {
            Token token = peek();
            if (isOrdinal()) {
                continue;
            }
            if (token.isSign("^")) {
                at++;
                if (isDegree()) {
                    value = new Scalar(Expression.product(scalar(value), Constant.DEGREE));
                } else if (value instanceof Matrix || value instanceof Group) {
                    throw new Unreadable("a number was expected under a power");
                } else {
                    value = new Scalar(new Power(scalar(value), argument()));
                }
            } else if (token.isCommand("circ")) {
                at++;
                value = new Scalar(Expression.product(scalar(value), Constant.DEGREE));
            } else if (token.isSign("%")) {
                at++;
                value = new Scalar(Expression.product(scalar(value), Constant.PERCENT));
            } else if (token.isSign("!")) {
                at++;
                value = new Scalar(factorial(scalar(value)));
            } else if (token.isCommand("$")) {
                at++;
                value = new Scalar(Expression.product(scalar(value), new Unit("dollar")));
            } else if (token.isCommand("cents") || token.isCommand("euro") || token.isCommand("pounds")) {
                at++;
                value = new Scalar(Expression.product(scalar(value), new Unit(Units.named(token.text()))));
            } else {
                return value;
            }
        }
        throw new Unreadable("a factor may have at most " + DEPTH_MAX + " marks");
    }

    /** Steps over a degree sign in the exponent. */
    private boolean isDegree() {
        if (peek().isCommand("circ")) {
            at++;
            return true;
        }
        if (peek().isSign("{") && peek(1).isCommand("circ") && peek(2).isSign("}")) {
            at += 3;
            return true;
        }
        return false;
    }

    /** Steps over the ending of {@code 5th} or {@code 5^{\text{th}}}. */
    private boolean isOrdinal() {
        if (tokens.get(Math.max(0, at - 1)).kind() != Kind.NUMBER) {
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

    private static Expression factorial(Expression of) {
        if (of instanceof Numeral(Rational n)
                && n.isInteger()
                && n.signum() >= 0
                && n.numerator().compareTo(BigInteger.valueOf(FACTORIAL_MAX)) <= 0) {
            BigInteger product = BigInteger.ONE;
            for (int factor = 2; factor <= n.numerator().intValue(); factor++) {
                product = product.multiply(BigInteger.valueOf(factor));
            }
            return new Numeral(new Rational(product, BigInteger.ONE));
        }
        return new Call("factorial", List.of(of));
    }

    private Value primary() throws Unreadable {
        steps.spend(1);
        Token token = peek();
        return switch (token.kind()) {
            case NUMBER -> numeral();
            case LETTER -> {
                at++;
                yield new Scalar(symbol(token.text()));
            }
            case WORD -> word();
            case COMMAND -> command();
            case TEXT -> upright();
            case SIGN ->
                switch (token.text()) {
                    case "(", "[" -> bracketed();
                    case "{" -> {
                        at++;
                        Value inside = braced();
                        yield inside;
                    }
                    case "\\{" -> set();
                    case "|" -> absolute();
                    default -> throw new Unreadable("a number was expected: was " + token.text());
                };
            case ROW, END -> throw new Unreadable("a number was expected: was the end");
        };
    }

    private Value numeral() throws Unreadable {
        Token token = next();
        Optional<Rational> repeating = repeating(token.text());
        if (repeating.isPresent()) {
            return new Scalar(new Numeral(repeating.get()));
        }
        Rational value = Rational.ofDecimal(token.text())
                .orElseThrow(() -> new Unreadable("a number was expected: was " + token.text()));
        if (peek().isSign("_")) {
            at++;
            return new Scalar(new Call("digits", List.of(new Numeral(value), argument())));
        }
        return new Scalar(new Numeral(value));
    }

    /** {@code 0.1\overline{6}}: the digits before, and those that repeat. */
    private Optional<Rational> repeating(String digits) {
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
        return Optional.of(before.get().plus(repeated.get().over(new Rational(nines, BigInteger.ONE))));
    }

    /** A letter with its marks: {@code a_1}, {@code x'}. */
    private Expression symbol(String letter) throws Unreadable {
        var name = new StringBuilder(letter);
        while (peek().isSign("_") || peek().isSign("'")) {
            if (next().isSign("'")) {
                name.append('\'');
            } else {
                name.append('_').append(subscript());
            }
        }
        return switch (name.toString()) {
            case "e" -> Constant.E;
            case "i" -> Constant.I;
            case String other -> new Symbol(other);
        };
    }

    private String subscript() throws Unreadable {
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

    /** Plain letters: a function, a constant, or a product of letters. */
    private Value word() throws Unreadable {
        String word = next().text();
        return switch (word) {
            case "pi" -> new Scalar(Constant.PI);
            case "infinity", "infty", "inf", "oo" -> new Scalar(Constant.INFINITY);
            case "sqrt" -> new Scalar(new Power(argument(), Expression.HALF));
            default -> {
                if (FUNCTIONS.contains(word)) {
                    yield function(word);
                }
                if (Prose.isWord(word)) {
                    throw new Unreadable("a number was expected: was " + word);
                }
                // the last letter may carry an index: it is read as a symbol of its own
                List<Expression> letters = new ArrayList<>();
                for (int index = 0; index < word.length() - 1; index++) {
                    letters.add(plainLetter(word.substring(index, index + 1)));
                }
                int end = at;
                Expression last = symbol(word.substring(word.length() - 1));
                if (peek().isSign("^") && at == end) {
                    at++;
                    last = isDegree() ? Expression.product(last, Constant.DEGREE) : new Power(last, argument());
                }
                letters.add(last);
                yield new Scalar(new Product(letters));
            }
        };
    }

    private static Expression plainLetter(String letter) {
        return switch (letter) {
            case "e" -> Constant.E;
            case "i" -> Constant.I;
            case String other -> new Symbol(other);
        };
    }

    /** {@code \mathrm{i}}, {@code \operatorname{arcsin}}, {@code \text{B}}: upright, but mathematics. */
    private Value upright() throws Unreadable {
        String content = next().text().strip();
        if (FUNCTIONS.contains(content)) {
            return function(content);
        }
        if (content.length() == 1 && Lexer.isLetter(content.charAt(0))) {
            return new Scalar(symbol(content));
        }
        if (content.isEmpty()) {
            return factor();
        }
        if (content.startsWith("(") && content.endsWith(")") && content.length() == 3) {
            return new Scalar(plainLetter(content.substring(1, 2)));
        }
        if (Units.known(content).isPresent()) {
            return new Scalar(Units.compound(content).getFirst());
        }
        return inner(content);
    }

    private Value command() throws Unreadable {
        String command = next().text();
        return switch (command) {
            case "frac" -> {
                Expression above = argument();
                yield new Scalar(above.over(argument()));
            }
            case "binom" -> {
                Expression above = argument();
                yield new Scalar(new Call("binom", List.of(above, argument())));
            }
            case "sqrt" -> root();
            case "pi" -> new Scalar(Constant.PI);
            case "infty" -> new Scalar(Constant.INFINITY);
            case "emptyset" -> new Several(List.of(), true);
            case "reals" -> Relations.REALS;
            case "begin" -> matrix();
            case "$" -> new Scalar(Expression.product(new Unit("dollar"), scalar(product())));
            case "euro", "pounds" -> new Scalar(Expression.product(new Unit(Units.named(command)), scalar(product())));
            case "lfloor" -> new Scalar(new Call("floor", List.of(until("rfloor"))));
            case "lceil" -> new Scalar(new Call("ceil", List.of(until("rceil"))));
            case "langle" -> {
                List<Value> elements = elements();
                expectCommand("rangle");
                yield new Group('(', ')', elements);
            }
            case "overline", "vec", "hat", "bar", "overrightarrow", "angle", "triangle" ->
                new Scalar(new Symbol("\\" + command + (peek().isSign("{") ? subscript() : next().text())));
            default -> {
                if (FUNCTIONS.contains(command)) {
                    yield function(command);
                }
                if (GREEK.contains(command)) {
                    yield new Scalar(symbol("\\" + command));
                }
                throw new Unreadable("a command of mathematics was expected: was \\" + command);
            }
        };
    }

    private Expression until(String close) throws Unreadable {
        Expression inside = scalar(sum());
        expectCommand(close);
        return inside;
    }

    private Value root() throws Unreadable {
        Expression degree = Expression.number(2);
        if (peek().isSign("[")) {
            at++;
            degree = scalar(sum());
            expectSign("]");
        }
        return new Scalar(new Power(argument(), Expression.number(1).over(degree)));
    }

    /** A function with its power, its base and its argument: {@code \sin^2 x}, {@code \log_2 8}. */
    private Value function(String name) throws Unreadable {
        depth++;
        checkDepth();
        Optional<Expression> base = Optional.empty();
        Optional<Expression> power = Optional.empty();
        while (peek().isSign("^") || peek().isSign("_")) {
            if (next().isSign("^")) {
                power = Optional.of(argument());
            } else {
                base = Optional.of(argument());
            }
        }
        String inverse = name;
        if (power.isPresent()
                && power.get().equals(Expression.MINUS_ONE)
                && (name.equals("sin") || name.equals("cos") || name.equals("tan"))) {
            inverse = "arc" + name;
            power = Optional.empty();
        }
        List<Expression> arguments = new ArrayList<>();
        base.ifPresent(arguments::add);
        if (peek().isSign("(") || peek().isSign("[")) {
            Value inside = bracketed();
            if (inside instanceof Group(char open, char close, List<Value> elements)) {
                for (Value element : elements) {
                    arguments.add(scalar(element));
                }
            } else {
                arguments.add(scalar(inside));
            }
        } else {
            arguments.add(functionArgument());
        }
        depth--;
        Expression call = switch (inverse) {
            case "exp" -> new Power(Constant.E, arguments.getFirst());
            case String other -> new Call(other, arguments);
        };
        return new Scalar(power.isPresent() ? new Power(call, power.get()) : call);
    }

    private Expression functionArgument() throws Unreadable {
        boolean negative = signs();
        List<Expression> factors = new ArrayList<>(List.of(scalar(factor())));
        while (isArgumentFactor(peek())) {
            if (peek().isSign("/")) {
                at++;
                factors.add(new Power(scalar(factor()), Expression.MINUS_ONE));
            } else {
                factors.add(scalar(factor()));
            }
        }
        Expression argument = factors.size() == 1 ? factors.getFirst() : new Product(factors);
        return negative ? argument.negated() : argument;
    }

    private static boolean isArgumentFactor(Token token) {
        return token.kind() == Kind.LETTER
                || token.kind() == Kind.NUMBER
                || token.isSign("/")
                || token.isCommand("pi")
                || token.isCommand("frac")
                || token.isCommand("sqrt")
                || token.kind() == Kind.COMMAND && GREEK.contains(token.text());
    }

    /** What a command or an exponent takes: braces and their content, or one token. */
    private Expression argument() throws Unreadable {
        depth++;
        checkDepth();
        // x^10 is meant as it looks, where LaTeX would raise to 1 only
        boolean wholeNumber =
                at > 0 && (tokens.get(at - 1).isSign("^") || tokens.get(at - 1).isSign("_"));
        Expression argument = scalar(argumentValue(wholeNumber));
        depth--;
        return argument;
    }

    private Value argumentValue(boolean wholeNumber) throws Unreadable {
        Token token = peek();
        if (token.isSign("{")) {
            at++;
            return braced();
        }
        if (token.isSign("-") || token.isSign("+")) {
            boolean negative = signs();
            Expression argument = scalar(argumentValue(wholeNumber));
            return new Scalar(negative ? argument.negated() : argument);
        }
        if (token.kind() == Kind.NUMBER) {
            String digits = wholeNumber ? next().text() : firstDigit();
            return new Scalar(new Numeral(Rational.ofDecimal(digits)
                    .orElseThrow(() -> new Unreadable("a number was expected: was " + digits))));
        }
        if (token.kind() == Kind.LETTER) {
            at++;
            return new Scalar(plainLetter(token.text()));
        }
        if (token.kind() == Kind.WORD && !Prose.isMathematics(token.text())) {
            tokens.set(at, new Token(Kind.LETTER, token.text().substring(0, 1), false));
            tokens.add(
                    at + 1,
                    new Token(
                            token.text().length() == 2 ? Kind.LETTER : Kind.WORD,
                            token.text().substring(1),
                            false));
            return argumentValue(wholeNumber);
        }
        return primary();
    }

    /** The content of braces up to the closing one, which an unfinished answer may lack. */
    private Value braced() throws Unreadable {
        depth++;
        checkDepth();
        List<Value> items = elements();
        if (!peek().isSign("}") && peek().kind() != Kind.END) {
            throw new Unreadable("} was expected: was " + peek().text());
        }
        if (peek().isSign("}")) {
            at++;
        }
        depth--;
        if (items.size() != 1) {
            throw new Unreadable("one item was expected in braces: were " + items.size());
        }
        return items.getFirst();
    }

    // ---- groups

    private Value bracketed() throws Unreadable {
        depth++;
        checkDepth();
        boolean barOutside = barCloses;
        barCloses = false;
        char open = next().text().charAt(0);
        List<Value> elements = elements();
        Token close = next();
        if (!close.isSign(")") && !close.isSign("]")) {
            throw new Unreadable(") or ] was expected: was " + close.text());
        }
        barCloses = barOutside;
        depth--;
        boolean single = elements.size() == 1;
        if (single) {
            return elements.getFirst();
        }
        return new Group(open, close.text().charAt(0), elements);
    }

    private Value set() throws Unreadable {
        depth++;
        checkDepth();
        at++;
        if (peek().isSign("\\}")) {
            at++;
            depth--;
            return new Several(List.of(), true);
        }
        boolean barOutside = barCloses;
        barCloses = true;
        List<Value> elements = answers();
        barCloses = barOutside;
        if (elements.size() == 1 && (peek().isSign("|") || peek().isSign(":"))) {
            at++;
            Value condition = related();
            expectSign("\\}");
            depth--;
            return condition;
        }
        expectSign("\\}");
        depth--;
        return new Several(elements, true);
    }

    private Value absolute() throws Unreadable {
        depth++;
        checkDepth();
        at++;
        boolean barOutside = barCloses;
        barCloses = true;
        Expression inside = scalar(sum());
        barCloses = barOutside;
        expectSign("|");
        depth--;
        return new Scalar(new Call("abs", List.of(inside)));
    }

    private Value matrix() throws Unreadable {
        String kind = environment();
        if (!MATRICES.contains(kind)) {
            throw new Unreadable("a matrix was expected: was " + kind);
        }
        if (kind.equals("array") && peek().isSign("{")) {
            subscript();
        }
        List<List<Value>> rows = new ArrayList<>();
        List<Value> row = new ArrayList<>();
        while (!peek().isCommand("end")) {
            row.add(joined());
            if (peek().isSign("&")) {
                at++;
            } else if (peek().kind() == Kind.ROW) {
                at++;
                rows.add(List.copyOf(row));
                row.clear();
            } else if (!peek().isCommand("end")) {
                throw new Unreadable("& or \\\\ was expected: was " + peek().text());
            }
        }
        if (!row.isEmpty()) {
            rows.add(List.copyOf(row));
        }
        at++;
        if (!environment().equals(kind) || rows.isEmpty()) {
            throw new Unreadable("the end of a matrix was expected");
        }
        for (List<Value> each : rows) {
            if (each.size() != rows.getFirst().size()) {
                throw new Unreadable("rows of one length were expected");
            }
        }
        if (kind.equals("vmatrix")) {
            throw new Unreadable("a determinant is not worked out");
        }
        return new Matrix(rows);
    }

    private String environment() throws Unreadable {
        if (!peek().isSign("{")) {
            throw new Unreadable("the name of an environment was expected: was " + peek().text());
        }
        return subscript();
    }

    // ---- tokens

    private Token peek() {
        return peek(0);
    }

    private Token peek(int ahead) {
        return tokens.get(Math.min(at + ahead, tokens.size() - 1));
    }

    private Token next() throws Unreadable {
        steps.spend(1);
        Token token = peek();
        at++;
        return token;
    }

    private void expect(Kind kind) throws Unreadable {
        if (peek().kind() != kind) {
            throw new Unreadable(kind + " was expected: was " + peek().text());
        }
    }

    private void expectSign(String sign) throws Unreadable {
        if (!peek().isSign(sign)) {
            throw new Unreadable(sign + " was expected: was " + peek().text());
        }
        at++;
    }

    private void expectCommand(String command) throws Unreadable {
        if (!peek().isCommand(command)) {
            throw new Unreadable("\\" + command + " was expected: was " + peek().text());
        }
        at++;
    }

    private void checkDepth() throws Unreadable {
        if (depth > DEPTH_MAX) {
            throw new Unreadable("an answer may nest at most " + DEPTH_MAX + " deep");
        }
    }
}
