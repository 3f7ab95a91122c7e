package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Call;
import cloudchamber.coordinator.grade.algebra.Expression.Power;
import cloudchamber.coordinator.grade.algebra.Expression.Product;
import cloudchamber.coordinator.grade.algebra.Expression.Sum;
import cloudchamber.coordinator.grade.algebra.Expression.Symbol;
import cloudchamber.coordinator.grade.algebra.Token.Kind;
import cloudchamber.coordinator.grade.algebra.Value.Group;
import cloudchamber.coordinator.grade.algebra.Value.Joined;
import cloudchamber.coordinator.grade.algebra.Value.Matrix;
import cloudchamber.coordinator.grade.algebra.Value.Operator;
import cloudchamber.coordinator.grade.algebra.Value.Relation;
import cloudchamber.coordinator.grade.algebra.Value.Scalar;
import cloudchamber.coordinator.grade.algebra.Value.Several;
import cloudchamber.coordinator.grade.algebra.Value.Unread;
import cloudchamber.coordinator.grade.algebra.Value.Words;
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
public final class Reader {
    /*
     * Plus-minus is read by reading its item again with other signs: that keeps the grammar plain, and
     * the step counter and SIGNS_MAX bound the work.
     *
     * A fraction of two plain integers right after a plain integer is a mixed number.
     */
    public static final int LENGTH_MAX = 2_000;

    private static final int SIGNS_MAX = 3;

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

    private final Cursor cursor;
    private final Factors factorReader;
    private int signs;
    private int signsSeen;
    private boolean alternatives;

    private Reader(Cursor cursor) {
        this.cursor = cursor;
        this.factorReader = new Factors(this, cursor);
    }

    /** Reads a whole answer. */
    public static Value read(String answer, Edition edition, Steps steps) {
        String tidy = AnswerText.tidy(edition.isSecond() ? answer.replace("`", "") : answer);
        if (tidy.length() > LENGTH_MAX) {
            return new Unread(tidy);
        }
        Optional<Value> time = edition.isSecond() ? TimeOfDay.read(Characters.ascii(tidy)) : Optional.empty();
        if (time.isPresent()) {
            return time.get();
        }
        try {
            List<Token> tokens = Lexer.tokens(tidy, edition, steps);
            Optional<String> words = Prose.words(tokens);
            if (words.isPresent()) {
                Optional<Expression> number = Prose.number(words.get());
                return number.isPresent() ? new Scalar(number.get()) : new Words(words.get());
            }
            var reader = new Reader(new Cursor(tokens, edition, steps, 0));
            Value value = reader.answer();
            while (reader.cursor.peek().kind() == Kind.ROW) {
                reader.cursor.skip(1);
            }
            reader.cursor.expect(Kind.END);
            return value;
        } catch (Unreadable unread) {
            return new Unread(Lexer.spelling(tidy, edition));
        }
    }

    private Value answer() throws Unreadable {
        if (cursor.peek().kind() == Kind.TEXT && cursor.peek(1).kind() == Kind.END) {
            return inner(cursor.next().text());
        }
        if (cursor.peek().isSign("=") || cursor.peek().isCommand("approx")) {
            cursor.skip(1);
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
    Value inner(String content) throws Unreadable {
        List<Token> inside = Lexer.tokens(content, cursor.edition(), cursor.steps());
        if (Prose.words(inside).isPresent()) {
            throw new Unreadable("mathematics was expected: was " + content);
        }
        cursor.enter();
        var reader = new Reader(new Cursor(inside, cursor.edition(), cursor.steps(), cursor.depth()));
        Value value = reader.answer();
        reader.cursor.expect(Kind.END);
        cursor.leave();
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
    List<Value> answers() throws Unreadable {
        List<Value> items = new ArrayList<>();
        do {
            item(items);
        } while (separator() && !Cursor.closes(cursor.peek()));
        return items;
    }

    /** The elements of a group: the signs of a &plusmn; belong to the answer around it. */
    List<Value> elements() throws Unreadable {
        List<Value> elements = new ArrayList<>();
        do {
            elements.add(related());
        } while (separator() && !Cursor.closes(cursor.peek()));
        return elements;
    }

    /** Steps over what parts two answers: {@code , ; and or}, also together. */
    private boolean separator() {
        boolean seen = false;
        while (Cursor.isSeparator(cursor.peek())) {
            alternatives |= cursor.peek().text().strip().equals("or");
            cursor.skip(1);
            seen = true;
        }
        return seen;
    }

    /** One item for each choice of its signs; a value that comes twice is kept once only where it is counted. */
    private void item(List<Value> items) throws Unreadable {
        int start = cursor.place();
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
            cursor.returnTo(start);
            signs = choice;
            signsSeen = 0;
            items.add(related());
        }
        signs = signsOutside;
        signsSeen = seenOutside;
    }

    Value related() throws Unreadable {
        Optional<String> function = cursor.takeFunctionName();
        Value first = function.isPresent() ? new Scalar(new Symbol(function.get())) : joined();
        Optional<Operator> operator = relation();
        if (operator.isEmpty()) {
            return first;
        }
        List<Value> sides = new ArrayList<>();
        List<Operator> operators = new ArrayList<>();
        sides.add(first);
        while (operator.isPresent()) {
            cursor.skip(1);
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

    private Optional<Operator> relation() {
        Token token = cursor.peek();
        return token.kind() == Kind.SIGN || token.kind() == Kind.COMMAND
                ? Optional.ofNullable(RELATIONS.get(token.text()))
                : Optional.empty();
    }

    Value joined() throws Unreadable {
        Value first = sum();
        if (cursor.peek().isCommand("choose")) {
            cursor.skip(1);
            return new Scalar(new Call("binom", List.of(Value.scalar(first), Value.scalar(sum()))));
        }
        List<Value> parts = new ArrayList<>(List.of(first));
        String operator = null;
        while (isJoin(cursor.peek())) {
            String read = cursor.next().text();
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
                ? Relations.realsWithout(parts.getFirst(), parts.getLast(), cursor.steps())
                : Optional.empty();
        return worked.isPresent() ? worked.get() : new Joined(operator, parts);
    }

    private boolean isJoin(Token token) {
        return token.isCommand("cup")
                || token.isCommand("cap")
                || token.isCommand("setminus")
                || token.is(Kind.LETTER, "U") && Cursor.isBracketClose(cursor.previous());
    }

    Value sum() throws Unreadable {
        cursor.enter();
        Value first = signedProduct();
        if (!Cursor.isPlusOrMinus(cursor.peek())) {
            cursor.leave();
            return first;
        }
        List<Expression> terms = new ArrayList<>(List.of(Value.scalar(first)));
        while (Cursor.isPlusOrMinus(cursor.peek())) {
            terms.add(Value.scalar(signedProduct()));
        }
        cursor.leave();
        return new Scalar(new Sum(terms));
    }

    private Value signedProduct() throws Unreadable {
        boolean negative = false;
        while (Cursor.isPlusOrMinus(cursor.peek())) {
            Token sign = cursor.next();
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
                ? matrix.scaled(Expression.MINUS_ONE)
                : new Scalar(Value.scalar(product).negated());
    }

    /** The sign of one more &plusmn;: whether it is a minus in this reading. */
    private boolean choice() {
        return (signs >> signsSeen++ & 1) == 1;
    }

    /** The sign of the last &plusmn; again, for its &#8723;; a &#8723; alone has a choice of its own. */
    private boolean linkedChoice() {
        return signsSeen == 0 ? choice() : (signs >> signsSeen - 1 & 1) == 1;
    }

    Value product() throws Unreadable {
        Value first = factorReader.factor();
        List<Expression> factors = new ArrayList<>();
        Matrix matrix = null;
        if (first instanceof Matrix only) {
            matrix = only;
        } else if (!(first instanceof Scalar) && !continuesProduct()) {
            return first;
        } else {
            factors.add(Value.scalar(first));
        }
        boolean unitSeen = false;
        while (continuesProduct()) {
            cursor.spend();
            Token token = cursor.peek();
            boolean times = token.isCommand("cdot") || token.isCommand("times") || token.isSign("*");
            boolean divided = token.isSign("/") || token.isCommand("div");
            if (times || divided) {
                cursor.skip(1);
                List<Expression> below = divided ? unit(unitSeen) : List.of();
                if (!below.isEmpty()) {
                    below.forEach(unit -> factors.add(new Power(unit, Expression.MINUS_ONE)));
                    continue;
                }
                boolean negative = cursor.signs();
                Expression factor = Value.scalar(factorReader.factor());
                factor = negative ? factor.negated() : factor;
                factors.add(divided ? new Power(factor, Expression.MINUS_ONE) : factor);
                continue;
            }
            if (MixedNumber.take(cursor, factors)) {
                continue;
            }
            boolean number = token.kind() == Kind.NUMBER;
            if (number && (unitSeen || cursor.previous().kind() == Kind.NUMBER)) {
                throw new Unreadable("an operator was expected between numbers: was " + token.text());
            }
            List<Expression> unit = unit(false);
            if (!unit.isEmpty()) {
                unitSeen = true;
                factors.addAll(unit);
                continue;
            }
            Value next = factorReader.factor();
            if (next instanceof Matrix right && matrix == null) {
                matrix = right;
            } else {
                factors.add(Value.scalar(next));
            }
        }
        Expression product = factors.size() == 1 ? factors.getFirst() : new Product(factors);
        if (matrix == null) {
            return new Scalar(product);
        }
        return factors.isEmpty() ? matrix : matrix.scaled(product);
    }

    private boolean continuesProduct() {
        Token token = cursor.peek();
        return switch (token.kind()) {
            case NUMBER, LETTER -> !isJoin(token);
            case WORD, TEXT -> !Cursor.isSeparator(token);
            case COMMAND ->
                !Cursor.isSeparator(token)
                        && !RELATIONS.containsKey(token.text())
                        && !isJoin(token)
                        && !Cursor.isPlusOrMinus(token)
                        && !Cursor.closes(token);
            case SIGN ->
                switch (token.text()) {
                    case "(", "[", "{", "*", "/" -> true;
                    case "|" -> !cursor.barCloses();
                    default -> false;
                };
            case ROW, END -> false;
        };
    }

    /**
     * The units that stand here, if any: {@code \text{ cm}^2}, {@code square inches}, {@code apples}.
     *
     * @param belowUnit whether a unit stands above the fraction line that this is below
     */
    private List<Expression> unit(boolean belowUnit) throws Unreadable {
        Token token = cursor.peek();
        List<String> words;
        if (isUnitLetter(token, belowUnit)) {
            words = List.of(cursor.next().text());
        } else if (token.kind() == Kind.TEXT) {
            String content = token.text().strip();
            if (content.isEmpty()) {
                cursor.skip(1);
                return List.of(Expression.number(1));
            }
            if (content.length() == 1
                    && !token.text().startsWith(" ")
                    && Units.known(content).isEmpty()) {
                return List.of();
            }
            if (FunctionNames.contains(content) || content.equals("i")) {
                return List.of();
            }
            boolean parenthesised = content.startsWith("(") && content.endsWith(")") && content.length() > 3;
            words = List.of((parenthesised ? content.substring(1, content.length() - 1) : content).split("[\\s~]+"));
            cursor.skip(1);
        } else if (token.kind() == Kind.WORD
                && (isUnitWord(token)
                        || belowUnit
                                && cursor.edition().isSecond()
                                && Units.known(token.text()).isPresent())) {
            words = new ArrayList<>();
            while (cursor.peek().kind() == Kind.WORD && !Cursor.isSeparator(cursor.peek())) {
                words.add(cursor.next().text());
            }
        } else {
            return List.of();
        }
        if (words.stream().anyMatch(NO_UNITS::contains)) {
            throw new Unreadable("a unit was expected: was " + String.join(" ", words));
        }
        List<Expression> units = Units.named(words);
        boolean ends = Cursor.closes(cursor.peek())
                || Cursor.isSeparator(cursor.peek())
                || cursor.peek().isSign("^")
                || cursor.peek().isSign("/")
                || cursor.peek().kind() == Kind.TEXT
                || cursor.peek().isSign("{")
                || relation().isPresent()
                || Cursor.isPlusOrMinus(cursor.peek());
        if (!ends && words.stream().anyMatch(word -> Units.known(word).isEmpty())) {
            throw new Unreadable("a unit was expected: was " + String.join(" ", words));
        }
        if (cursor.peek().isSign("^") && !units.isEmpty()) {
            cursor.skip(1);
            Expression exponent = factorReader.argument();
            units.set(units.size() - 1, new Power(units.getLast(), exponent));
        }
        return units;
    }

    /** A letter of {@code km/h} or {@code 5 m/s}: below a unit, or above a letter that is one. */
    private boolean isUnitLetter(Token token, boolean belowUnit) {
        if (!cursor.edition().isSecond()
                || token.kind() != Kind.LETTER
                || Units.known(token.text()).isEmpty()) {
            return false;
        }
        boolean above = token.afterBlank()
                && cursor.previous().kind() == Kind.NUMBER
                && cursor.peek(1).isSign("/")
                && cursor.peek(2).kind() != Kind.NUMBER
                && Units.known(cursor.peek(2).text()).isPresent();
        return belowUnit || above;
    }

    private boolean isUnitWord(Token token) {
        String word = token.text();
        return !Prose.isMathematics(word)
                && !Factors.GREEK.contains(word)
                && (Units.known(word).isPresent() || Prose.isWord(word) || word.equals("sq") || word.equals("mph"));
    }
}
