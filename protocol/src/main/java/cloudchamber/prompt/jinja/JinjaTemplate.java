package cloudchamber.prompt.jinja;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A chat template that was read, ready to be rendered any number of times. */
public final class JinjaTemplate {
    private final List<Statement> statements;

    private JinjaTemplate(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws JinjaException if it has a tag, a filter, a test or a sign that is not known; the message names it and
     *     the line
     */
    public static JinjaTemplate parse(String source) {
        return new JinjaTemplate(Parser.parse(source));
    }

    /**
     * The text of the template.
     *
     * @param variables values as the package describes them; strings of the input as {@link Text#input}
     * @param today what {@code strftime_now} tells
     * @throws JinjaException if the template refuses the variables ({@code raise_exception}) or does what it must not
     */
    public Text render(Map<String, Object> variables, LocalDate today) {
        var scope = new Scope(null);
        scope.set("raise_exception", (Callable) (positional, named) -> {
            throw new JinjaException("the template refuses this: "
                    + (positional.isEmpty() ? "it does not say why" : Values.text(positional.getFirst())));
        });
        scope.set("strftime_now", (Callable) (positional, named) ->
                Text.of(date(Values.text(positional.getFirst()).value(), today)));
        scope.set("namespace", (Callable) (positional, named) -> {
            var namespace = new Namespace(named);
            positional.forEach(mapping ->
                    Filters.mapping(mapping, "namespace").forEach((key, value) -> namespace.set((String) key, value)));
            return namespace;
        });
        scope.set("dict", (Callable) (positional, named) -> named);
        scope.set("range", (Callable) (positional, named) -> range(positional));
        variables.forEach(scope::set);
        return new Interpreter().render(statements, new Scope(scope));
    }

    /**
     * The entries of a JSON object of truth values, numbers and texts, which is an expression of the language, too.
     *
     * @throws JinjaException if it is none
     */
    public static Map<String, Object> object(String json) {
        var tokens = Lexer.tokens("{{" + json + "}}");
        var parser = new ExpressionParser(tokens.subList(1, tokens.size()));
        var entries = new LinkedHashMap<String, Object>();
        Filters.mapping(Evaluator.evaluate(parser.expression(), new Scope(null)), "an object")
                .forEach((key, entry) -> entries.put((String) key, entry));
        return entries;
    }

    private static final int MAX_RANGE = 100_000;

    private static List<Object> range(List<Object> bounds) {
        long start = bounds.size() > 1 ? Values.whole(bounds.get(0)) : 0;
        long stop = Values.whole(bounds.get(bounds.size() > 1 ? 1 : 0));
        long step = bounds.size() > 2 ? Values.whole(bounds.get(2)) : 1;
        if (step == 0 || Math.abs((stop - start) / step) > MAX_RANGE) {
            throw new JinjaException("a range must have a step and at most " + MAX_RANGE + " numbers");
        }
        var numbers = new ArrayList<Object>();
        for (long number = start; step > 0 ? number < stop : number > stop; number += step) {
            numbers.add(number);
        }
        return numbers;
    }

    /** The date as C's {@code strftime} writes it. */
    private static String date(String format, LocalDate day) {
        var date = new StringBuilder();
        for (int index = 0; index < format.length(); index++) {
            char character = format.charAt(index);
            if (character != '%' || index + 1 == format.length()) {
                date.append(character);
                continue;
            }
            index++;
            date.append(
                    switch (format.charAt(index)) {
                        case 'd' -> written(day, "dd");
                        case 'm' -> written(day, "MM");
                        case 'Y' -> written(day, "yyyy");
                        case 'y' -> written(day, "yy");
                        case 'b' -> written(day, "MMM");
                        case 'B' -> written(day, "MMMM");
                        case 'A' -> written(day, "EEEE");
                        case 'a' -> written(day, "EEE");
                        case 'H', 'M', 'S' -> "00";
                        case '%' -> "%";
                        default ->
                            throw new JinjaException(
                                    "a date must be written by d, m, Y, y, b, B, A, a: was %" + format.charAt(index));
                    });
        }
        return date.toString();
    }

    private static String written(LocalDate day, String pattern) {
        return day.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
}
