package cloudchamber.prompt.jinja;

import cloudchamber.prompt.jinja.Statement.Case;
import cloudchamber.prompt.jinja.Statement.Parameter;
import cloudchamber.prompt.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads a template's statements. */
final class Parser extends ExpressionParser {
    private Parser(List<Token> tokens) {
        super(tokens);
    }

    static List<Statement> parse(String source) {
        var parser = new Parser(Lexer.tokens(source));
        var statements = parser.body(Set.of());
        if (parser.peek().kind() != Kind.END) {
            throw parser.unexpected("the end of the template");
        }
        return statements;
    }

    /** Statements up to a tag whose name is one of {@code ends}, which is left to be read from its name on. */
    private List<Statement> body(Set<String> ends) {
        var statements = new ArrayList<Statement>();
        while (true) {
            var token = next();
            switch (token.kind()) {
                case DATA -> statements.add(new Statement.Data(Text.of(token.text())));
                case OUTPUT_BEGIN -> {
                    statements.add(new Statement.Output(tuple()));
                    if (peek().kind() != Kind.OUTPUT_END) {
                        throw unexpected("[}}]");
                    }
                    next();
                }
                case BLOCK_BEGIN -> {
                    if (ends.contains(peek().text())) {
                        return statements;
                    }
                    statements.add(statement(name(), token.line()));
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw JinjaException.at(token.line(), "one of " + ends + " was expected: the template ended");
                    }
                    back();
                    return statements;
                }
                case OUTPUT_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                    throw JinjaException.at(token.line(), "text or a tag was expected: was [" + token.text() + "]");
            }
        }
    }

    private Statement statement(String tag, int line) {
        return switch (tag) {
            case "if" -> conditional();
            case "for" -> loop(line);
            case "set" -> assignment(line);
            case "macro" -> macro();
            case "filter" -> {
                var filter = filter(new Expression.Literal(Text.EMPTY));
                yield new Statement.Filtered(filter, block("endfilter"));
            }
            case "generation" -> new Statement.Block(block("endgeneration"));
            case "break" -> {
                endOfTag();
                yield new Statement.Break();
            }
            case "continue" -> {
                endOfTag();
                yield new Statement.Continue();
            }
            default ->
                throw JinjaException.at(
                        line,
                        "a tag must be one of if, for, set, macro, filter, generation, break, continue: was " + tag);
        };
    }

    private void endOfTag() {
        if (peek().kind() != Kind.BLOCK_END) {
            throw unexpected("[%}]");
        }
        next();
    }

    /** A body and the tag that ends it. */
    private List<Statement> block(String end) {
        endOfTag();
        var body = body(Set.of(end));
        next();
        endOfTag();
        return body;
    }

    private Statement conditional() {
        var cases = new ArrayList<Case>();
        Expression condition = tuple();
        while (true) {
            endOfTag();
            var body = body(condition == null ? Set.of("endif") : Set.of("elif", "else", "endif"));
            cases.add(new Case(condition, body));
            switch (name()) {
                case "elif" -> condition = tuple();
                case "else" -> condition = null;
                default -> {
                    endOfTag();
                    return new Statement.If(cases);
                }
            }
        }
    }

    private Statement loop(int line) {
        var targets = targets();
        expect(Kind.NAME, "in");
        var items = or();
        if (takes(Kind.OPERATOR, ",")) {
            throw unexpected("one list");
        }
        Expression condition = takes(Kind.NAME, "if") ? expression() : null;
        endOfTag();
        var body = body(Set.of("else", "endfor"));
        List<Statement> otherwise = List.of();
        if (name().equals("else")) {
            endOfTag();
            otherwise = body(Set.of("endfor"));
            next();
        }
        endOfTag();
        return new Statement.For(targets, items, condition, body, otherwise, line);
    }

    private List<String> targets() {
        boolean enclosed = operator("(");
        var targets = new ArrayList<String>(List.of(name()));
        while (operator(",")) {
            targets.add(name());
        }
        if (enclosed) {
            expect(Kind.OPERATOR, ")");
        }
        return targets;
    }

    private Statement assignment(int line) {
        var targets = targets();
        if (operator(".")) {
            var attribute = name();
            expect(Kind.OPERATOR, "=");
            var value = tuple();
            endOfTag();
            return new Statement.AssignAttribute(targets.getFirst(), attribute, value, line);
        }
        if (operator("=")) {
            var value = tuple();
            endOfTag();
            return new Statement.Assign(targets, value, line);
        }
        var filters = new ArrayList<Expression.Filter>();
        while (operator("|")) {
            filters.add(filter(new Expression.Literal(Text.EMPTY)));
        }
        return new Statement.AssignBlock(targets.getFirst(), filters, block("endset"));
    }

    private Statement macro() {
        var name = name();
        expect(Kind.OPERATOR, "(");
        var parameters = new ArrayList<Parameter>();
        while (!operator(")")) {
            var parameter = name();
            parameters.add(new Parameter(parameter, operator("=") ? expression() : null));
            if (!operator(",")) {
                expect(Kind.OPERATOR, ")");
                break;
            }
        }
        endOfTag();
        var body = body(Set.of("endmacro"));
        next();
        if (peek().kind() == Kind.NAME) {
            next();
        }
        endOfTag();
        return new Statement.Macro(name, parameters, body);
    }
}
