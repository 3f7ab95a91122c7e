package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Polynomial.Factor;
import cloudchamber.coordinator.grade.algebra.Polynomial.Monomial;
import cloudchamber.coordinator.grade.algebra.Polynomial.Name;
import cloudchamber.coordinator.grade.algebra.Polynomial.Unit;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A value and its unit.
 *
 * @param units exponents, none of them 0, by name; empty for a bare number
 */
public record Quantity(Polynomial value, SortedMap<String, Rational> units) {
    private static final String PERCENT = Unit.PERCENT.name();
    private static final String DEGREE = Unit.DEGREE.name();

    /** Says only that something is counted: {@code 5 units}, {@code 12 square units}. */
    private static final String NEUTRAL = "unit";

    /** Takes the unit out of a polynomial; if its terms have different ones, they stay inside. */
    public static Quantity of(Polynomial polynomial) {
        SortedMap<String, Rational> common = null;
        var bare = new TreeMap<Monomial, Rational>();
        for (var term : polynomial.terms().entrySet()) {
            var units = new TreeMap<String, Rational>();
            var powers = new TreeMap<String, Factor>();
            term.getKey().powers().forEach((key, factor) -> {
                if (factor.atom() instanceof Unit(String name)) {
                    units.put(name, factor.exponent());
                } else {
                    powers.put(key, factor);
                }
            });
            units.remove(NEUTRAL);
            if (common != null && !common.equals(units)) {
                return workedOut(polynomial);
            }
            common = units;
            bare.put(Monomial.of(powers), term.getValue());
        }
        return new Quantity(new Polynomial(bare), common == null ? new TreeMap<>() : common);
    }

    /** Percent signs among other terms are hundredths: {@code 1 + 50\%}. */
    private static Quantity workedOut(Polynomial polynomial) {
        Polynomial.Split split = polynomial.split(Unit.PERCENT);
        var sum = new TreeMap<>(split.without().terms());
        split.with().times(Rational.of(1, 100)).terms().forEach((monomial, coefficient) -> {
            sum.merge(monomial, coefficient, Rational::plus);
            sum.remove(monomial, Rational.ZERO);
        });
        return new Quantity(new Polynomial(sum), new TreeMap<>());
    }

    boolean isBare() {
        return units.isEmpty();
    }

    /** What the sign of percent or degree is worth; empty for other units. */
    Optional<Polynomial> withoutSign(Steps steps) throws Unreadable {
        if (units.equals(Map.of(PERCENT, Rational.ONE))) {
            return Optional.of(value.times(Rational.of(1, 100)));
        }
        if (units.equals(Map.of(DEGREE, Rational.ONE))) {
            return Optional.of(value.times(Polynomial.of(Name.PI).times(Rational.of(1, 180)), steps));
        }
        return Optional.empty();
    }

    /** The same quantity in the first unit of each kind. */
    Quantity inBaseUnits() {
        Polynomial converted = value;
        var bases = new TreeMap<String, Rational>();
        for (var unit : units.entrySet()) {
            Optional<Units.Worth> worth = Units.worth(unit.getKey());
            boolean whole = unit.getValue().isInteger() && unit.getValue().bits() < 4;
            if (worth.isEmpty() || !whole) {
                bases.merge(unit.getKey(), unit.getValue(), Rational::plus);
                continue;
            }
            int exponent = unit.getValue().numerator().intValue();
            Rational factor = worth.get().factor();
            for (int power = 0; power < Math.abs(exponent); power++) {
                converted = converted.times(exponent > 0 ? factor : Rational.ONE.over(factor));
            }
            bases.merge(worth.get().base(), unit.getValue(), Rational::plus);
        }
        bases.values().removeIf(exponent -> exponent.signum() == 0);
        return new Quantity(converted, bases);
    }
}
