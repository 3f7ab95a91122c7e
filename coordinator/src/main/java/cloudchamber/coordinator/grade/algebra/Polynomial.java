package cloudchamber.coordinator.grade.algebra;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A sum of monomials with exact coefficients, none of them 0: the normal form of a scalar.
 *
 * <p>Two exact polynomials are equal as numbers or functions if and only if they are equal as values.
 *
 * @param terms sorted
 */
public record Polynomial(SortedMap<Monomial, Rational> terms) {
    /*
     * Roots of integers are products of primes to powers in (0, 1), which are linearly independent over
     * the rationals [1]; i is reduced by i^2 = -1. So for numbers built from these, and polynomials over
     * them, the form is unique. pi and e are taken to be algebraically independent, which nobody has
     * refuted. A polynomial with an opaque atom is not exact, and is compared by evaluation.
     *
     * [1] A. S. Besicovitch, "On the linear independence of fractional powers of integers",
     *     J. London Math. Soc. 15 (1940), 3-6.
     */
    static final int TERMS_MAX = 200;

    /** Numbers stay below 2 to this power, either side of the fraction line. */
    static final int BITS_MAX = 8_000;

    /** The key of an opaque atom stays below this: forms inside forms could double it at every level. */
    private static final int KEY_MAX = 4_000;

    /** How many bits of a number, or characters of a key, are handled in one step. */
    private static final int SIZE_OF_A_STEP = 128;

    static final Polynomial ZERO = new Polynomial(new TreeMap<>());
    static final Polynomial ONE = of(Rational.ONE);

    /** What is not reduced any further. */
    sealed interface Atom {

        /** Distinct for distinct atoms; sorts them. */
        String key();
    }

    /** A prime under a root. */
    record Prime(BigInteger value) implements Atom {
        @Override
        public String key() {
            return "0" + value;
        }
    }

    /** i, pi, e, a symbol or infinity. */
    record Name(String name) implements Atom {
        static final Name I = new Name("#i");
        static final Name PI = new Name("#pi");
        static final Name E = new Name("#e");
        static final Name INFINITY = new Name("#infinity");

        @Override
        public String key() {
            return "1" + name;
        }
    }

    record Unit(String name) implements Atom {
        static final Unit DEGREE = new Unit("degree");
        static final Unit PERCENT = new Unit("percent");

        @Override
        public String key() {
            return "2" + name;
        }
    }

    /** A function of polynomials, {@code power} among them. */
    record Opaque(String function, List<Polynomial> arguments, String key) implements Atom {
        static Opaque of(String function, List<Polynomial> arguments) throws Unreadable {
            var key = new StringBuilder("3").append(function).append('(');
            for (Polynomial argument : arguments) {
                key.append(argument.key()).append(';');
                if (key.length() > KEY_MAX) {
                    throw new Unreadable("a form may have at most " + KEY_MAX + " characters: had " + key.length());
                }
            }
            return new Opaque(function, List.copyOf(arguments), key.append(')').toString());
        }
    }

    /** @param powers exponents, none of them 0, by atom */
    record Monomial(SortedMap<String, Factor> powers, String key) implements Comparable<Monomial> {
        static final Monomial ONE = of(new TreeMap<>());

        static Monomial of(SortedMap<String, Factor> powers) {
            var key = new StringBuilder();
            powers.forEach((atom, factor) ->
                    key.append(atom).append('^').append(factor.exponent()).append(' '));
            return new Monomial(powers, key.toString());
        }

        @Override
        public int compareTo(Monomial other) {
            return key.compareTo(other.key);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Monomial monomial && monomial.key.equals(key);
        }

        @Override
        public int hashCode() {
            return key.hashCode();
        }
    }

    record Factor(Atom atom, Rational exponent) {}

    static Polynomial of(Rational value) {
        var terms = new TreeMap<Monomial, Rational>();
        if (value.signum() != 0) {
            terms.put(Monomial.ONE, value);
        }
        return new Polynomial(terms);
    }

    static Polynomial of(Atom atom) {
        return of(atom, Rational.ONE);
    }

    /** @param exponent not 0; in (0, 1) for a prime, 1 for i */
    static Polynomial of(Atom atom, Rational exponent) {
        var powers = new TreeMap<String, Factor>();
        powers.put(atom.key(), new Factor(atom, exponent));
        var terms = new TreeMap<Monomial, Rational>();
        terms.put(Monomial.of(powers), Rational.ONE);
        return new Polynomial(terms);
    }

    boolean isZero() {
        return terms.isEmpty();
    }

    /** The number this is, if it is rational. */
    Optional<Rational> rational() {
        if (terms.isEmpty()) {
            return Optional.of(Rational.ZERO);
        }
        return terms.size() == 1 ? Optional.ofNullable(terms.get(Monomial.ONE)) : Optional.empty();
    }

    /** Whether equality of values is equality of forms. */
    boolean isExact() {
        return terms.keySet().stream()
                .flatMap(monomial -> monomial.powers().values().stream())
                .allMatch(factor -> switch (factor.atom()) {
                    case Prime(BigInteger value) -> value.compareTo(Normal.PRIME_CERTAIN) < 0;
                    case Name name -> !name.equals(Name.INFINITY) || terms.size() == 1;
                    case Unit unit -> true;
                    case Opaque opaque -> false;
                });
    }

    Polynomial plus(Polynomial other, Steps steps) throws Unreadable {
        steps.spend(1 + terms.size() + other.terms.size());
        var sum = new TreeMap<>(terms);
        for (var term : other.terms.entrySet()) {
            add(sum, term.getKey(), term.getValue(), steps);
        }
        return new Polynomial(sum);
    }

    Polynomial times(Rational factor) {
        if (factor.signum() == 0) {
            return ZERO;
        }
        var product = new TreeMap<Monomial, Rational>();
        terms.forEach((monomial, coefficient) -> product.put(monomial, coefficient.times(factor)));
        return new Polynomial(product);
    }

    Polynomial times(Polynomial other, Steps steps) throws Unreadable {
        if (terms.size() * other.terms.size() > TERMS_MAX) {
            throw new Unreadable("a product may have at most " + TERMS_MAX + " terms");
        }
        var product = new TreeMap<Monomial, Rational>();
        for (var left : terms.entrySet()) {
            for (var right : other.terms.entrySet()) {
                steps.spend(1
                        + left.getKey().powers().size()
                        + right.getKey().powers().size());
                multiply(product, left, right, steps);
            }
        }
        return new Polynomial(product);
    }

    private static void multiply(
            SortedMap<Monomial, Rational> sum,
            Map.Entry<Monomial, Rational> left,
            Map.Entry<Monomial, Rational> right,
            Steps steps)
            throws Unreadable {
        Rational coefficient = left.getValue().times(right.getValue());
        var powers = new TreeMap<>(left.getKey().powers());
        for (var entry : right.getKey().powers().entrySet()) {
            Factor before = powers.get(entry.getKey());
            Factor factor = entry.getValue();
            Rational added =
                    before == null ? factor.exponent() : before.exponent().plus(factor.exponent());
            Rational exponent = added;
            switch (factor.atom()) {
                case Prime(BigInteger value)
                when added.compareTo(Rational.ONE) >= 0 -> {
                    coefficient = coefficient.times(new Rational(value, BigInteger.ONE));
                    exponent = added.minus(Rational.ONE);
                }
                case Name name
                when name.equals(Name.I) && added.equals(Rational.of(2)) -> {
                    coefficient = coefficient.negated();
                    exponent = Rational.ZERO;
                }
                case Prime prime -> {}
                case Name name -> {}
                case Unit unit -> {}
                case Opaque opaque -> {}
            }
            if (exponent.signum() == 0) {
                powers.remove(entry.getKey());
            } else {
                powers.put(entry.getKey(), new Factor(factor.atom(), exponent));
            }
        }
        add(sum, Monomial.of(powers), coefficient, steps);
    }

    private static void add(SortedMap<Monomial, Rational> sum, Monomial monomial, Rational coefficient, Steps steps)
            throws Unreadable {
        Rational before = sum.get(monomial);
        Rational after = before == null ? coefficient : before.plus(coefficient);
        steps.spend((after.bits() + monomial.key().length()) / SIZE_OF_A_STEP);
        if (after.bits() > BITS_MAX) {
            throw new Unreadable("a number may have at most " + BITS_MAX + " bits: had " + after.bits());
        }
        if (after.signum() == 0) {
            sum.remove(monomial);
        } else {
            sum.put(monomial, after);
        }
    }

    /** The whole power of a polynomial, by repeated products. */
    Polynomial power(int exponent, Steps steps) throws Unreadable {
        Polynomial power = ONE;
        Polynomial square = this;
        for (int left = exponent; left > 0; left >>= 1) {
            if ((left & 1) == 1) {
                power = power.times(square, steps);
            }
            if (left > 1) {
                square = square.times(square, steps);
            }
        }
        return power;
    }

    /** The coefficient of the first term. */
    Rational leading() {
        return terms.isEmpty() ? Rational.ZERO : terms.get(terms.firstKey());
    }

    /** The only term, if there is one only. */
    Optional<Map.Entry<Monomial, Rational>> monomial() {
        return terms.size() == 1 ? Optional.of(terms.entrySet().iterator().next()) : Optional.empty();
    }

    /** The terms that have an atom, divided by it, and those that have not: {@code this = with * atom + without}. */
    Split split(Atom atom) {
        var with = new TreeMap<Monomial, Rational>();
        var without = new TreeMap<Monomial, Rational>();
        terms.forEach((monomial, coefficient) -> {
            if (monomial.powers().containsKey(atom.key())) {
                var powers = new TreeMap<>(monomial.powers());
                powers.remove(atom.key());
                with.put(Monomial.of(powers), coefficient);
            } else {
                without.put(monomial, coefficient);
            }
        });
        return new Split(new Polynomial(with), new Polynomial(without));
    }

    record Split(Polynomial with, Polynomial without) {}

    /** The atoms of all terms, each once, in order of their keys. */
    List<Factor> factors() {
        var factors = new TreeMap<String, Factor>();
        terms.keySet().forEach(monomial -> factors.putAll(monomial.powers()));
        return new ArrayList<>(factors.values());
    }

    /** Equal for equal forms only. */
    String key() {
        if (terms.isEmpty()) {
            return "0";
        }
        return terms.entrySet().stream()
                .map(term -> (term.getValue() + " " + term.getKey().key()).stripTrailing())
                .collect(Collectors.joining(" + "));
    }
}
