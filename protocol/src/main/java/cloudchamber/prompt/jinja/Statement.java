package cloudchamber.prompt.jinja;

import java.util.List;

/** A parsed piece of a template. */
sealed interface Statement {
    /** Text of the template itself. */
    record Data(Text text) implements Statement {}

    record Output(Expression expression) implements Statement {}

    /** @param cases conditions in order, each with its body; a null condition is the else */
    record If(List<Case> cases) implements Statement {}

    record Case(Expression condition, List<Statement> body) {}

    /**
     * @param targets one name, or several that take an item apart
     * @param condition which items take part; null for all
     * @param otherwise the body for no items
     */
    record For(
            List<String> targets,
            Expression items,
            Expression condition,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    /** {@code set a, b = value}. */
    record Assign(List<String> targets, Expression value, int line) implements Statement {}

    /** {@code set namespace.attribute = value}. */
    record AssignAttribute(String namespace, String attribute, Expression value, int line) implements Statement {}

    /** {@code set name} … {@code endset}. */
    record AssignBlock(String name, List<Expression.Filter> filters, List<Statement> body) implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body) implements Statement {}

    /** @param standard its value where none is given; null if one must be */
    record Parameter(String name, Expression standard) {}

    /** {@code filter name} … {@code endfilter}. */
    record Filtered(Expression.Filter filter, List<Statement> body) implements Statement {}

    /** Statements that only belong together, as those of a {@code generation} block do. */
    record Block(List<Statement> body) implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}
}
