package cloudchamber.prompt.jinja;

import cloudchamber.prompt.jinja.Expression.Arguments;
import cloudchamber.prompt.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads expressions by Jinja's precedence: or, and, not, comparisons, {@code ~}, {@code + -}, {@code * / // %}, {@code **}. */
class ExpressionParser {
    private static final List<String> COMPARISONS = List.of("==", "!=", "<", ">", "<=", ">=");
    private static final List<List<String>> LEVELS =
            List.of(List.of("+", "-"), List.of("~"), List.of("*", "/", "//", "%"));

    private final List<Token> tokens;
    private int at;

    ExpressionParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    // ---- tokens

    Token peek() {
        return tokens.get(at);
    }

    Token next() {
        return tokens.get(at++);
    }

    void back() {
        at--;
    }

    boolean sees(Kind kind, String text) {
        return peek().is(kind, text);
    }

    boolean takes(Kind kind, String text) {
        if (sees(kind, text)) {
            at++;
            return true;
        }
        return false;
    }

    boolean operator(String text) {
        return takes(Kind.OPERATOR, text);
    }

    private boolean keyword(String text) {
        return takes(Kind.NAME, text);
    }

    Token expect(Kind kind, String text) {
        if (!sees(kind, text)) {
            throw unexpected("[" + text + "]");
        }
        return next();
    }

    String name() {
        if (peek().kind() != Kind.NAME) {
            throw unexpected("a name");
        }
        return next().text();
    }

    JinjaException unexpected(String expected) {
        return JinjaException.at(peek().line(), expected + " was expected: was [" + peek().text() + "]");
    }

    // ---- expressions

    Expression expression() {
        var then = or();
        while (keyword("if")) {
            var condition = or();
            then = new Expression.Conditional(then, condition, keyword("else") ? expression() : null);
        }
        return then;
    }

    /** An expression, or several parted by commas, which make a tuple. */
    Expression tuple() {
        var first = expression();
        if (!sees(Kind.OPERATOR, ",")) {
            return first;
        }
        var items = new ArrayList<Expression>(List.of(first));
        while (operator(",") && peek().kind() != Kind.BLOCK_END && peek().kind() != Kind.OUTPUT_END) {
            items.add(expression());
        }
        return new Expression.ListOf(items);
    }

    Expression or() {
        var left = and();
        while (sees(Kind.NAME, "or")) {
            int line = next().line();
            left = new Expression.Binary("or", left, and(), line);
        }
        return left;
    }

    private Expression and() {
        var left = not();
        while (sees(Kind.NAME, "and")) {
            int line = next().line();
            left = new Expression.Binary("and", left, not(), line);
        }
        return left;
    }

    private Expression not() {
        if (sees(Kind.NAME, "not")) {
            int line = next().line();
            return new Expression.Unary("not", not(), line);
        }
        return comparison();
    }

    private Expression comparison() {
        var operands = new ArrayList<Expression>(List.of(binary(0)));
        var operators = new ArrayList<String>();
        int line = peek().line();
        for (var operator = comparisonOperator(); operator != null; operator = comparisonOperator()) {
            operators.add(operator);
            operands.add(binary(0));
        }
        return operators.isEmpty() ? operands.getFirst() : new Expression.Comparison(operands, operators, line);
    }

    private String comparisonOperator() {
        if (peek().kind() == Kind.OPERATOR && COMPARISONS.contains(peek().text())) {
            return next().text();
        }
        if (keyword("in")) {
            return "in";
        }
        if (sees(Kind.NAME, "not") && tokens.get(at + 1).is(Kind.NAME, "in")) {
            at += 2;
            return "not in";
        }
        return null;
    }

    private Expression binary(int level) {
        if (level == LEVELS.size()) {
            return unary();
        }
        var left = binary(level + 1);
        while (peek().kind() == Kind.OPERATOR && LEVELS.get(level).contains(peek().text())) {
            var operator = next();
            left = new Expression.Binary(operator.text(), left, binary(level + 1), operator.line());
        }
        return left;
    }

    private Expression unary() {
        if (sees(Kind.OPERATOR, "-") || sees(Kind.OPERATOR, "+")) {
            var operator = next();
            return filters(new Expression.Unary(operator.text(), unaryOperand(), operator.line()));
        }
        return filters(power());
    }

    private Expression unaryOperand() {
        return sees(Kind.OPERATOR, "-") || sees(Kind.OPERATOR, "+") ? unary() : power();
    }

    private Expression power() {
        var base = postfix(primary());
        if (sees(Kind.OPERATOR, "**")) {
            int line = next().line();
            return new Expression.Binary("**", base, unaryOperand(), line);
        }
        return base;
    }

    private Expression primary() {
        var token = next();
        return switch (token.kind()) {
            case STRING -> {
                var text = new StringBuilder(token.text());
                while (peek().kind() == Kind.STRING) {
                    text.append(next().text());
                }
                yield new Expression.Literal(Text.of(text.toString()));
            }
            case INTEGER -> new Expression.Literal(Long.valueOf(token.text()));
            case FLOAT -> new Expression.Literal(Double.valueOf(token.text()));
            case NAME -> named(token.text());
            case OPERATOR -> enclosed(token);
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> {
                at--;
                throw unexpected("a value");
            }
        };
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Literal(true);
            case "false", "False" -> new Expression.Literal(false);
            case "none", "None" -> new Expression.Literal(null);
            default -> new Expression.Name(name);
        };
    }

    private Expression enclosed(Token token) {
        return switch (token.text()) {
            case "(" -> {
                if (operator(")")) {
                    yield new Expression.ListOf(List.of());
                }
                var first = expression();
                if (!sees(Kind.OPERATOR, ",")) {
                    expect(Kind.OPERATOR, ")");
                    yield first;
                }
                operator(",");
                yield new Expression.ListOf(items(first, ")"));
            }
            case "[" -> new Expression.ListOf(items(null, "]"));
            case "{" -> entries();
            default -> {
                at--;
                throw unexpected("a value");
            }
        };
    }

    private List<Expression> items(Expression first, String closing) {
        var items = new ArrayList<Expression>();
        if (first != null) {
            items.add(first);
        }
        while (!operator(closing)) {
            items.add(expression());
            if (!operator(",")) {
                expect(Kind.OPERATOR, closing);
                break;
            }
        }
        return items;
    }

    private Expression entries() {
        var entries = new ArrayList<Map.Entry<Expression, Expression>>();
        while (!operator("}")) {
            var key = expression();
            expect(Kind.OPERATOR, ":");
            entries.add(Map.entry(key, expression()));
            if (!operator(",")) {
                expect(Kind.OPERATOR, "}");
                break;
            }
        }
        return new Expression.MapOf(entries);
    }

    private Expression postfix(Expression primary) {
        var value = primary;
        while (true) {
            int line = peek().line();
            if (operator(".")) {
                value = peek().kind() == Kind.INTEGER
                        ? new Expression.Subscript(value, new Expression.Literal(Long.valueOf(next().text())), line)
                        : new Expression.Attribute(value, name(), line);
            } else if (operator("[")) {
                value = subscript(value, line);
            } else if (operator("(")) {
                value = new Expression.Call(value, arguments(), line);
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression of, int line) {
        Expression start = sees(Kind.OPERATOR, ":") ? null : expression();
        if (operator("]")) {
            return new Expression.Subscript(of, start, line);
        }
        expect(Kind.OPERATOR, ":");
        Expression stop = sees(Kind.OPERATOR, ":") || sees(Kind.OPERATOR, "]") ? null : expression();
        Expression step = operator(":") && !sees(Kind.OPERATOR, "]") ? expression() : null;
        expect(Kind.OPERATOR, "]");
        return new Expression.Slice(of, start, stop, step);
    }

    private Arguments arguments() {
        var positional = new ArrayList<Expression>();
        var named = new LinkedHashMap<String, Expression>();
        while (!operator(")")) {
            if (peek().kind() == Kind.NAME && tokens.get(at + 1).is(Kind.OPERATOR, "=")) {
                var name = name();
                next();
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!operator(",")) {
                expect(Kind.OPERATOR, ")");
                break;
            }
        }
        return new Arguments(positional, named);
    }

    /** Filters and tests bind tighter than every operator before them. */
    private Expression filters(Expression operand) {
        var value = operand;
        while (true) {
            if (sees(Kind.OPERATOR, "|")) {
                next();
                value = filter(value);
            } else if (sees(Kind.NAME, "is")) {
                value = test(value, next().line());
            } else if (operator("(")) {
                value = postfix(new Expression.Call(value, arguments(), peek().line()));
            } else {
                return value;
            }
        }
    }

    /** The filter after the bar. */
    Expression.Filter filter(Expression of) {
        int line = peek().line();
        var name = new StringBuilder(name());
        while (operator(".")) {
            name.append('.').append(name());
        }
        var known = name.toString();
        return new Expression.Filter(of, known, operator("(") ? arguments() : Arguments.NONE, line);
    }

    private Expression test(Expression of, int line) {
        boolean negated = keyword("not");
        var name = name();
        if (!Tests.NAMES.contains(name)) {
            throw JinjaException.at(line, "a test must be one of " + Tests.NAMES + ": was " + name);
        }
        if (operator("(")) {
            return new Expression.Test(of, name, arguments(), negated, line);
        }
        boolean operand = switch (peek().kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !List.of("else", "or", "and", "not", "is", "if", "in").contains(peek().text());
            case OPERATOR -> sees(Kind.OPERATOR, "[") || sees(Kind.OPERATOR, "{");
            case DATA, OUTPUT_BEGIN, OUTPUT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
        var arguments = operand ? new Arguments(List.of(postfix(primary())), Map.of()) : Arguments.NONE;
        return new Expression.Test(of, name, arguments, negated, line);
    }
}
