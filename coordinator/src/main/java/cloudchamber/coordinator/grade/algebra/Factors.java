package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Call;
import cloudchamber.coordinator.grade.algebra.Expression.Constant;
import cloudchamber.coordinator.grade.algebra.Expression.Numeral;
import cloudchamber.coordinator.grade.algebra.Expression.Power;
import cloudchamber.coordinator.grade.algebra.Expression.Product;
import cloudchamber.coordinator.grade.algebra.Expression.Symbol;
import cloudchamber.coordinator.grade.algebra.Expression.Unit;
import cloudchamber.coordinator.grade.algebra.Token.Kind;
import cloudchamber.coordinator.grade.algebra.Value.Group;
import cloudchamber.coordinator.grade.algebra.Value.Matrix;
import cloudchamber.coordinator.grade.algebra.Value.Scalar;
import cloudchamber.coordinator.grade.algebra.Value.Several;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the factors of a product: numbers, letters, commands and functions. */
final class Factors {
    /*
     * A function without parentheses takes the product that follows, up to the next function, as printed
     * mathematics does.
     */
    private static final int MARKS_MAX = 60;
    private static final int FACTORIAL_MAX = 200;

    static final Set<String> GREEK = Set.of(
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
            "xi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda",
            "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell", "hbar");

    /** Signs that only the second edition reads. */
    private static final Set<String> CURRENCIES = Set.of("yen", "yuan", "rupee", "won", "ruble");

    private final Reader reader;
    private final Cursor cursor;
    private final Brackets brackets;

    Factors(Reader reader, Cursor cursor) {
        this.reader = reader;
        this.cursor = cursor;
        this.brackets = new Brackets(reader, cursor);
    }

    /** A primary and the marks after it: powers, factorials, percent, currency. */
    Value factor() throws Unreadable {
        Value value = primary();
        for (int marks = 0; marks < MARKS_MAX; marks++) {
            Token token = cursor.peek();
            if (cursor.takeOrdinal()) {
                continue;
            }
            if (token.isSign("^")) {
                cursor.skip(1);
                Optional<Expression> degree = cursor.takeDegree();
                if (degree.isPresent()) {
                    value = new Scalar(Expression.product(Value.scalar(value), degree.get()));
                } else if (value instanceof Matrix || value instanceof Group) {
                    throw new Unreadable("a number was expected under a power");
                } else {
                    value = new Scalar(new Power(Value.scalar(value), argument()));
                }
            } else if (token.isCommand("circ")) {
                cursor.skip(1);
                value = new Scalar(Expression.product(Value.scalar(value), Constant.DEGREE));
            } else if (token.isSign("_")
                    && cursor.edition().isSecond()
                    && cursor.previous().isSign(")")
                    && value instanceof Scalar(Numeral(Rational digits))) {
                value = digits(digits);
            } else if (token.isSign("%")) {
                cursor.skip(1);
                value = new Scalar(Expression.product(Value.scalar(value), Constant.PERCENT));
            } else if (token.isSign("!")) {
                cursor.skip(1);
                value = new Scalar(factorial(Value.scalar(value)));
            } else if (token.isCommand("$")) {
                cursor.skip(1);
                value = new Scalar(Expression.product(Value.scalar(value), new Unit("dollar")));
            } else if (token.isCommand("cents") || isCurrency(token)) {
                cursor.skip(1);
                value = new Scalar(Expression.product(Value.scalar(value), new Unit(Units.named(token.text()))));
            } else {
                return value;
            }
        }
        throw new Unreadable("a factor may have at most " + MARKS_MAX + " marks");
    }

    private boolean isCurrency(Token token) {
        return token.isCommand("euro")
                || token.isCommand("pounds")
                || cursor.edition().isSecond() && token.kind() == Kind.COMMAND && CURRENCIES.contains(token.text());
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
            return new Numeral(Rational.of(product));
        }
        return new Call("factorial", List.of(of));
    }

    private Value primary() throws Unreadable {
        cursor.spend();
        Token token = cursor.peek();
        return switch (token.kind()) {
            case NUMBER -> numeral();
            case LETTER -> {
                cursor.skip(1);
                yield new Scalar(symbol(token.text()));
            }
            case WORD -> word();
            case COMMAND -> command();
            case TEXT -> upright();
            case SIGN ->
                switch (token.text()) {
                    case "(", "[" -> brackets.bracketed();
                    case "{" -> {
                        cursor.skip(1);
                        yield brackets.braced();
                    }
                    case "\\{" -> brackets.set();
                    case "|" -> brackets.absolute();
                    default -> throw new Unreadable("a number was expected: was " + token.text());
                };
            case ROW, END -> throw new Unreadable("a number was expected: was the end");
        };
    }

    private Value numeral() throws Unreadable {
        Token token = cursor.next();
        Optional<Rational> repeating = cursor.takeRepeating(token.text());
        if (repeating.isPresent()) {
            return new Scalar(new Numeral(repeating.get()));
        }
        Rational value = Rational.ofDecimal(token.text())
                .orElseThrow(() -> new Unreadable("a number was expected: was " + token.text()));
        if (cursor.peek().isSign("_")) {
            return digits(value);
        }
        return new Scalar(new Numeral(value));
    }

    /** Digits in a base, which {@code _} begins: {@code 2516_8}, {@code 2516_{\text{eight}}}. */
    private Value digits(Rational digits) throws Unreadable {
        cursor.skip(1);
        Optional<Expression> word = cursor.edition().isSecond() ? cursor.takeNumberWord() : Optional.empty();
        Expression base = word.isPresent() ? word.get() : argument();
        return new Scalar(new Call("digits", List.of(new Numeral(digits), base)));
    }

    /** A letter with its marks: {@code a_1}, {@code x'}. */
    private Expression symbol(String letter) throws Unreadable {
        var name = new StringBuilder(letter);
        while (cursor.peek().isSign("_") || cursor.peek().isSign("'")) {
            if (cursor.next().isSign("'")) {
                name.append('\'');
            } else {
                name.append('_').append(cursor.subscript());
            }
        }
        return switch (name.toString()) {
            case "e" -> Constant.E;
            case "i" -> Constant.I;
            case String other -> new Symbol(other);
        };
    }

    /** Plain letters: a function, a constant, or a product of letters. */
    private Value word() throws Unreadable {
        String word = cursor.next().text();
        return switch (word) {
            case "pi" -> new Scalar(Constant.PI);
            case "infinity", "infty", "inf", "oo" -> new Scalar(Constant.INFINITY);
            case "sqrt" -> new Scalar(new Power(argument(), Expression.HALF));
            default -> {
                if (FunctionNames.contains(word)) {
                    yield function(word);
                }
                if (Prose.isWord(word)) {
                    throw new Unreadable("a number was expected: was " + word);
                }
                // an index or a power belongs to the last letter only
                List<Expression> letters = new ArrayList<>();
                for (int index = 0; index < word.length() - 1; index++) {
                    letters.add(plainLetter(word.substring(index, index + 1)));
                }
                Expression last = symbol(word.substring(word.length() - 1));
                if (cursor.peek().isSign("^")) {
                    cursor.skip(1);
                    Optional<Expression> degree = cursor.takeDegree();
                    last = degree.isPresent() ? Expression.product(last, degree.get()) : new Power(last, argument());
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
        String content = cursor.next().text().strip();
        if (FunctionNames.contains(content)) {
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
        return reader.inner(content);
    }

    private Value command() throws Unreadable {
        boolean currency = isCurrency(cursor.peek());
        String command = cursor.next().text();
        if (currency) {
            return new Scalar(Expression.product(new Unit(Units.named(command)), Value.scalar(reader.product())));
        }
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
            case "begin" -> brackets.matrix();
            case "$" -> new Scalar(Expression.product(new Unit("dollar"), Value.scalar(reader.product())));
            case "lfloor" -> new Scalar(new Call("floor", List.of(until("rfloor"))));
            case "lceil" -> new Scalar(new Call("ceil", List.of(until("rceil"))));
            case "langle" -> {
                List<Value> elements = reader.elements();
                cursor.expectCommand("rangle");
                yield new Group('(', ')', elements);
            }
            case "overline", "vec", "hat", "bar", "overrightarrow", "angle", "triangle" ->
                new Scalar(new Symbol("\\" + command
                        + (cursor.peek().isSign("{")
                                ? cursor.subscript()
                                : cursor.next().text())));
            default -> {
                if (FunctionNames.contains(command)) {
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
        Expression inside = Value.scalar(reader.sum());
        cursor.expectCommand(close);
        return inside;
    }

    private Value root() throws Unreadable {
        Expression degree = Expression.number(2);
        if (cursor.peek().isSign("[")) {
            cursor.skip(1);
            degree = Value.scalar(reader.sum());
            cursor.expectSign("]");
        }
        return new Scalar(new Power(argument(), Expression.number(1).over(degree)));
    }

    /** A function with its power, its base and its argument: {@code \sin^2 x}, {@code \log_2 8}. */
    private Value function(String name) throws Unreadable {
        cursor.enter();
        Optional<Expression> base = Optional.empty();
        Optional<Expression> power = Optional.empty();
        while (cursor.peek().isSign("^") || cursor.peek().isSign("_")) {
            if (cursor.next().isSign("^")) {
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
        if (cursor.peek().isSign("(") || cursor.peek().isSign("[")) {
            Value inside = brackets.bracketed();
            if (inside instanceof Group(char open, char close, List<Value> elements)) {
                for (Value element : elements) {
                    arguments.add(Value.scalar(element));
                }
            } else {
                arguments.add(Value.scalar(inside));
            }
        } else {
            arguments.add(functionArgument());
        }
        cursor.leave();
        Expression call = switch (inverse) {
            case "exp" -> new Power(Constant.E, arguments.getFirst());
            case String other -> new Call(other, arguments);
        };
        return new Scalar(power.isPresent() ? new Power(call, power.get()) : call);
    }

    private Expression functionArgument() throws Unreadable {
        boolean negative = cursor.signs();
        List<Expression> factors = new ArrayList<>(List.of(Value.scalar(factor())));
        while (isArgumentFactor(cursor.peek())) {
            if (cursor.peek().isSign("/")) {
                cursor.skip(1);
                factors.add(new Power(Value.scalar(factor()), Expression.MINUS_ONE));
            } else {
                factors.add(Value.scalar(factor()));
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
    Expression argument() throws Unreadable {
        cursor.enter();
        // x^10 is meant as it looks, where LaTeX would raise to 1 only
        boolean wholeNumber = cursor.previous().isSign("^") || cursor.previous().isSign("_");
        Expression argument = Value.scalar(argumentValue(wholeNumber));
        cursor.leave();
        return argument;
    }

    private Value argumentValue(boolean wholeNumber) throws Unreadable {
        Token token = cursor.peek();
        if (token.isSign("{")) {
            cursor.skip(1);
            return brackets.braced();
        }
        if (token.isSign("-") || token.isSign("+")) {
            boolean negative = cursor.signs();
            Expression argument = Value.scalar(argumentValue(wholeNumber));
            return new Scalar(negative ? argument.negated() : argument);
        }
        if (token.kind() == Kind.NUMBER) {
            String digits = wholeNumber ? cursor.next().text() : cursor.firstDigit();
            return new Scalar(new Numeral(Rational.ofDecimal(digits)
                    .orElseThrow(() -> new Unreadable("a number was expected: was " + digits))));
        }
        if (token.kind() == Kind.LETTER) {
            cursor.skip(1);
            return new Scalar(plainLetter(token.text()));
        }
        if (token.kind() == Kind.WORD && !Prose.isMathematics(token.text())) {
            cursor.splitWord();
            return argumentValue(wholeNumber);
        }
        return primary();
    }
}
