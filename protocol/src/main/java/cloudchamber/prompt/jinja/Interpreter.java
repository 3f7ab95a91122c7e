package cloudchamber.prompt.jinja;

import cloudchamber.prompt.jinja.Statement.Parameter;
import java.util.List;

/** Renders statements in a scope. */
final class Interpreter {
    /** Longer output is a template that does not end. */
    private static final int MAX_STATEMENTS = 10_000_000;

    /** How a body ended. */
    private enum Flow {
        GOES_ON,
        CONTINUES,
        BREAKS
    }

    private int run;

    Text render(List<Statement> statements, Scope scope) {
        var out = new Text.Builder();
        render(statements, scope, out);
        return out.build();
    }

    private Flow render(List<Statement> statements, Scope scope, Text.Builder out) {
        for (var statement : statements) {
            if (++run > MAX_STATEMENTS) {
                throw new JinjaException("a template must end: it had run " + MAX_STATEMENTS + " statements");
            }
            var flow = render(statement, scope, out);
            if (flow != Flow.GOES_ON) {
                return flow;
            }
        }
        return Flow.GOES_ON;
    }

    private Flow render(Statement statement, Scope scope, Text.Builder out) {
        switch (statement) {
            case Statement.Data(var text) -> out.add(text);
            case Statement.Output(var expression) -> out.add(Values.text(Evaluator.evaluate(expression, scope)));
            case Statement.If(var cases) -> {
                for (var one : cases) {
                    if (one.condition() == null || Evaluator.truth(one.condition(), scope)) {
                        return render(one.body(), scope, out);
                    }
                }
            }
            case Statement.For loop -> loop(loop, scope, out);
            case Statement.Assign(var targets, var value, var line) ->
                assign(targets, Evaluator.evaluate(value, scope), scope, line);
            case Statement.AssignAttribute(var namespace, var attribute, var value, var line) -> {
                if (!(scope.get(namespace) instanceof Namespace changed)) {
                    throw JinjaException.at(
                            line, "[" + namespace + "] must be a namespace for its attributes to be set");
                }
                changed.set(attribute, Evaluator.evaluate(value, scope));
            }
            case Statement.AssignBlock(var name, var filters, var body) -> {
                Object value = render(body, new Scope(scope));
                for (var filter : filters) {
                    value = Evaluator.filtered(value, filter, scope);
                }
                scope.set(name, value);
            }
            case Statement.Macro(var name, var parameters, var body) -> scope.set(name, macro(parameters, body, scope));
            case Statement.Filtered(var filter, var body) ->
                out.add(Values.text(Evaluator.filtered(render(body, new Scope(scope)), filter, scope)));
            case Statement.Block(var body) -> {
                return render(body, scope, out);
            }
            case Statement.Break() -> {
                return Flow.BREAKS;
            }
            case Statement.Continue() -> {
                return Flow.CONTINUES;
            }
        }
        return Flow.GOES_ON;
    }

    private void loop(Statement.For loop, Scope scope, Text.Builder out) {
        var items = Values.items(Evaluator.evaluate(loop.items(), scope));
        if (loop.condition() != null) {
            items.removeIf(item -> {
                var inner = new Scope(scope);
                assign(loop.targets(), item, inner, loop.line());
                return !Evaluator.truth(loop.condition(), inner);
            });
        }
        if (items.isEmpty()) {
            render(loop.otherwise(), new Scope(scope), out);
        }
        for (int index = 0; index < items.size(); index++) {
            var inner = new Scope(scope);
            assign(loop.targets(), items.get(index), inner, loop.line());
            inner.set("loop", Evaluator.loop(items, index));
            if (render(loop.body(), inner, out) == Flow.BREAKS) {
                return;
            }
        }
    }

    private static void assign(List<String> targets, Object value, Scope scope, int line) {
        if (targets.size() == 1) {
            scope.set(targets.getFirst(), value);
            return;
        }
        var items = Values.items(value);
        if (items.size() != targets.size()) {
            throw JinjaException.at(line, targets.size() + " items were expected: were " + items.size());
        }
        for (int index = 0; index < items.size(); index++) {
            scope.set(targets.get(index), items.get(index));
        }
    }

    private Callable macro(List<Parameter> parameters, List<Statement> body, Scope around) {
        return (positional, named) -> {
            var inner = new Scope(around);
            for (int place = 0; place < parameters.size(); place++) {
                var parameter = parameters.get(place);
                if (place < positional.size()) {
                    inner.set(parameter.name(), positional.get(place));
                } else if (named.containsKey(parameter.name())) {
                    inner.set(parameter.name(), named.get(parameter.name()));
                } else {
                    inner.set(
                            parameter.name(),
                            parameter.standard() == null
                                    ? new Undefined(parameter.name())
                                    : Evaluator.evaluate(parameter.standard(), inner));
                }
            }
            return render(body, inner);
        };
    }
}
