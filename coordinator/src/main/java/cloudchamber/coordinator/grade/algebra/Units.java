package cloudchamber.coordinator.grade.algebra;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The units of measure that are known by their names, and what they are worth in one another. */
final class Units {

    /**
     * A unit in terms of the first unit of its kind.
     *
     * @param base a centimeter for lengths, a second for times, a gram, a cent, a liter, a degree
     */
    record Worth(String base, Rational factor) {}

    private static final Map<String, String> NAMES = new HashMap<>();
    private static final Map<String, Worth> WORTHS = new HashMap<>();

    static {
        unit("centimeter", "centimeter", 1, 1, "cm", "centimetre");
        unit("millimeter", "centimeter", 1, 10, "mm", "millimetre");
        unit("meter", "centimeter", 100, 1, "m", "metre");
        unit("kilometer", "centimeter", 100_000, 1, "km", "kilometre");
        unit("inch", "centimeter", 254, 100, "in", "inches");
        unit("foot", "centimeter", 3_048, 100, "ft", "feet");
        unit("yard", "centimeter", 9_144, 100, "yd");
        unit("mile", "centimeter", 16_093_440, 100, "mi");
        unit("second", "second", 1, 1, "s", "sec");
        unit("minute", "second", 60, 1, "min");
        unit("hour", "second", 3_600, 1, "h", "hr");
        unit("day", "second", 86_400, 1);
        unit("week", "second", 604_800, 1);
        unit("gram", "gram", 1, 1, "g");
        unit("milligram", "gram", 1, 1_000, "mg");
        unit("kilogram", "gram", 1_000, 1, "kg");
        unit("cent", "cent", 1, 1, "\u00a2");
        unit("dollar", "cent", 100, 1, "usd");
        unit("liter", "liter", 1, 1, "L", "l", "litre");
        unit("milliliter", "liter", 1, 1_000, "mL", "ml", "millilitre");
        unit("degree", "degree", 1, 1, "deg");
        unit("month", "month", 1, 1);
        unit("year", "month", 12, 1, "yr");
        unit("pound", "ounce", 16, 1, "lb");
        unit("ounce", "ounce", 1, 1, "oz");
        unit("radian", "radian", 1, 1, "rad");
        unit("unit", "unit", 1, 1);
        unit("percent", "percent", 1, 1, "percentage", "pct");
        unit("euro", "euro", 1, 1, "eur");
        unit("person", "person", 1, 1, "people");
        unit("joule", "joule", 1, 1, "J");
        unit("newton", "newton", 1, 1, "N");
        unit("watt", "watt", 1, 1, "W");
        unit("celsius", "celsius", 1, 1);
        unit("fahrenheit", "fahrenheit", 1, 1);
    }

    private Units() {}

    private static void unit(String name, String base, long numerator, long denominator, String... spellings) {
        WORTHS.put(name, new Worth(base, Rational.of(numerator, denominator)));
        NAMES.put(name, name);
        for (String spelling : spellings) {
            NAMES.put(spelling, name);
        }
    }

    /** The name of a unit that is spelled so; empty if the word is no known unit. */
    static Optional<String> known(String word) {
        String name = NAMES.get(word);
        if (name == null && word.length() > 1) {
            name = NAMES.get(singular(word.toLowerCase(Locale.ROOT)));
        }
        if (name == null && word.length() > 1) {
            name = NAMES.get(word.toLowerCase(Locale.ROOT));
        }
        return Optional.ofNullable(name);
    }

    /** The name of anything that is counted: a known unit, or the word in the singular. */
    static String named(String word) {
        return known(word).orElseGet(() -> singular(word.toLowerCase(Locale.ROOT)));
    }

    static Optional<Worth> worth(String name) {
        return Optional.ofNullable(WORTHS.get(name));
    }

    private static String singular(String word) {
        return word.length() > 2 && word.endsWith("s") && !word.endsWith("ss")
                ? word.substring(0, word.length() - 1)
                : word;
    }

    /** The units some words name: {@code square inches}, {@code miles per hour}, {@code km/h}. */
    static List<Expression> named(List<String> words) throws Unreadable {
        List<Expression> units = new ArrayList<>();
        int power = 1;
        boolean divide = false;
        for (String raw : words) {
            String word = raw.endsWith(".") ? raw.substring(0, raw.length() - 1) : raw;
            switch (word.toLowerCase(Locale.ROOT)) {
                case "square", "sq" -> power = 2;
                case "cubic", "cu" -> power = 3;
                case "per" -> divide = true;
                case "of", "a", "an", "the", "" -> {}
                case "squared" -> raise(units, 2);
                case "cubed" -> raise(units, 3);
                default -> {
                    int exponent = divide ? -power : power;
                    for (Expression each : compound(word)) {
                        units.add(exponent == 1 ? each : new Expression.Power(each, Expression.number(exponent)));
                    }
                    power = 1;
                    divide = false;
                }
            }
        }
        return units;
    }

    private static void raise(List<Expression> units, int power) throws Unreadable {
        if (units.isEmpty()) {
            throw new Unreadable("a unit was expected before its power");
        }
        units.set(units.size() - 1, new Expression.Power(units.getLast(), Expression.number(power)));
    }

    /** One written unit: {@code cm}, {@code km/h}, {@code mph}, {@code degrees}, {@code cm^2}. */
    static List<Expression> compound(String word) throws Unreadable {
        List<Expression> parts = new ArrayList<>();
        String[] quotient = (word.equals("mph") ? "mile/hour" : word).split("/", -1);
        for (int part = 0; part < quotient.length; part++) {
            String[] raised = quotient[part].split("\\^", -1);
            String name = raised[0];
            if (name.isEmpty()
                    || !name.chars().allMatch(c -> Character.isLetter(c) || c == '-' || c == '\'' || c == '\u00a2')) {
                throw new Unreadable("a unit was expected: was " + word);
            }
            Expression unit = switch (named(name)) {
                case "degree" -> Expression.Constant.DEGREE;
                case "percent" -> Expression.Constant.PERCENT;
                case String other -> new Expression.Unit(other);
            };
            long exponent = 1;
            if (raised.length > 1) {
                exponent =
                        raised[1].length() == 1 && Lexer.isDigit(raised[1].charAt(0)) ? raised[1].charAt(0) - '0' : 0;
                if (exponent == 0 || raised.length > 2) {
                    throw new Unreadable("a unit was expected: was " + word);
                }
            }
            exponent = part == 0 ? exponent : -exponent;
            parts.add(exponent == 1 ? unit : new Expression.Power(unit, Expression.number(exponent)));
        }
        return parts;
    }
}
