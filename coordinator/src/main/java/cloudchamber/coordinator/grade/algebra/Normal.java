package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Call;
import cloudchamber.coordinator.grade.algebra.Expression.Constant;
import cloudchamber.coordinator.grade.algebra.Expression.Numeral;
import cloudchamber.coordinator.grade.algebra.Expression.Power;
import cloudchamber.coordinator.grade.algebra.Expression.Product;
import cloudchamber.coordinator.grade.algebra.Expression.Sum;
import cloudchamber.coordinator.grade.algebra.Expression.Symbol;
import cloudchamber.coordinator.grade.algebra.Polynomial.Atom;
import cloudchamber.coordinator.grade.algebra.Polynomial.Factor;
import cloudchamber.coordinator.grade.algebra.Polynomial.Monomial;
import cloudchamber.coordinator.grade.algebra.Polynomial.Name;
import cloudchamber.coordinator.grade.algebra.Polynomial.Opaque;
import cloudchamber.coordinator.grade.algebra.Polynomial.Prime;
import cloudchamber.coordinator.grade.algebra.Polynomial.Unit;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Brings expressions into the normal form of {@link Polynomial}. What has none becomes an opaque atom. */
public final class Normal {
    /*
     * Powers. A whole power is multiplied out while it is small. A reciprocal of numbers with square roots
     * and i is made rational below the line by conjugates, one root at a time: with S = A r + B and r^2
     * known, 1/S = (B - A r) / (B^2 - A^2 r^2), and the divisor is free of r. A root of a rational number
     * is split into primes. The root of a negative number is that of its absolute value times i, or minus
     * it for an odd degree: the real root, which is what answers mean.
     */

    /** Trial division goes up to here; a factor left over is prime if below the square. */
    private static final int PRIME_TRIED_MAX = 5_000;

    /** Below this, a {@link Prime} is known to be one. */
    static final BigInteger PRIME_CERTAIN = BigInteger.valueOf((long) PRIME_TRIED_MAX * PRIME_TRIED_MAX);

    private static final int EXPONENT_EXPANDED_MAX = 12;
    private static final int ROOT_DEGREE_MAX = 60;
    private static final int BINOMIAL_MAX = 1_000;
    private static final int BINOMIAL_SYMBOLIC_MAX = 6;

    private static final int DEPTH_MAX = 200;

    private final Steps steps;
    private int depth;

    private Normal(Steps steps) {
        this.steps = steps;
    }

    /** The normal form, with degree and percent signs left as units. */
    public static Polynomial of(Expression expression, Steps steps) throws Unreadable {
        return new Normal(steps).normal(expression, false);
    }

    /** @param worked whether degree and percent signs are worked out, as inside functions */
    private Polynomial normal(Expression expression, boolean worked) throws Unreadable {
        steps.spend(1);
        depth++;
        if (depth > DEPTH_MAX) {
            throw new Unreadable("an expression may nest at most " + DEPTH_MAX + " deep");
        }
        Polynomial normal = normalBelow(expression, worked);
        depth--;
        return normal;
    }

    private Polynomial normalBelow(Expression expression, boolean worked) throws Unreadable {
        return switch (expression) {
            case Numeral(Rational value) -> Polynomial.of(value);
            case Symbol(String name) -> Polynomial.of(new Name(name));
            case Expression.Unit(String name) -> Polynomial.of(new Unit(name));
            case Constant constant -> constant(constant, worked);
            case Sum(List<Expression> terms) -> {
                Polynomial sum = Polynomial.ZERO;
                for (Expression term : terms) {
                    sum = sum.plus(normal(term, worked), steps);
                }
                yield sum;
            }
            case Product(List<Expression> factors) -> {
                Polynomial product = Polynomial.ONE;
                for (Expression factor : factors) {
                    product = product.times(normal(factor, worked), steps);
                }
                yield product;
            }
            case Power(Expression base, Expression exponent) -> power(normal(base, worked), normal(exponent, true));
            case Call(String function, List<Expression> arguments) -> {
                List<Polynomial> normals = new ArrayList<>();
                for (Expression argument : arguments) {
                    normals.add(normal(argument, true));
                }
                yield call(function, normals);
            }
        };
    }

    private Polynomial constant(Constant constant, boolean worked) throws Unreadable {
        return switch (constant) {
            case PI -> Polynomial.of(Name.PI);
            case E -> Polynomial.of(Name.E);
            case I -> Polynomial.of(Name.I);
            case INFINITY -> Polynomial.of(Name.INFINITY);
            case DEGREE -> worked ? Polynomial.of(Name.PI).times(Rational.of(1, 180)) : Polynomial.of(Unit.DEGREE);
            case PERCENT -> worked ? Polynomial.of(Rational.of(1, 100)) : Polynomial.of(Unit.PERCENT);
        };
    }

    // ---- powers

    private Polynomial power(Polynomial base, Polynomial exponent) throws Unreadable {
        Optional<Rational> rational = exponent.rational();
        return rational.isPresent() ? power(base, rational.get()) : opaque("power", base, exponent);
    }

    private Polynomial power(Polynomial base, Rational exponent) throws Unreadable {
        if (base.isZero()) {
            if (exponent.signum() <= 0) {
                throw new Unreadable("a divisor other than 0 was expected");
            }
            return Polynomial.ZERO;
        }
        if (exponent.signum() == 0) {
            return Polynomial.ONE;
        }
        Optional<Map.Entry<Monomial, Rational>> monomial = base.monomial();
        if (monomial.isPresent()) {
            return powerOfMonomial(base, monomial.get(), exponent);
        }
        if (exponent.isInteger()) {
            boolean small = exponent.numerator().bitLength() < 16;
            int whole = small ? exponent.numerator().intValue() : 0;
            if (small && Math.abs(whole) <= EXPONENT_EXPANDED_MAX) {
                Optional<Polynomial> expanded = expanded(base, Math.abs(whole));
                if (expanded.isPresent()) {
                    return whole > 0 ? expanded.get() : reciprocal(expanded.get());
                }
            }
        }
        // content out of the power: a sum to a power is known by its monic form
        Rational leading = base.leading();
        if (exponent.isInteger()) {
            Optional<Rational> content = wholePower(leading, exponent);
            if (content.isPresent()) {
                return Polynomial.of(Opaque.of("sum", List.of(base.times(Rational.ONE.over(leading)))), exponent)
                        .times(content.get());
            }
        }
        return opaque("power", base, Polynomial.of(exponent));
    }

    private Optional<Polynomial> expanded(Polynomial base, int exponent) throws Unreadable {
        double terms = Math.pow(base.terms().size(), exponent);
        return terms <= 10.0 * Polynomial.TERMS_MAX
                        || exponent <= 3 && base.terms().size() < 10
                ? Optional.of(base.power(exponent, steps))
                : Optional.empty();
    }

    private Polynomial reciprocal(Polynomial divisor) throws Unreadable {
        if (divisor.isZero()) {
            throw new Unreadable("a divisor other than 0 was expected");
        }
        Optional<Map.Entry<Monomial, Rational>> monomial = divisor.monomial();
        if (monomial.isPresent()) {
            return powerOfMonomial(divisor, monomial.get(), Rational.of(-1));
        }
        boolean quadratic = divisor.factors().stream().allMatch(factor -> switch (factor.atom()) {
            case Prime prime -> true;
            case Name name -> name.equals(Name.I);
            case Unit unit -> false;
            case Opaque opaque -> false;
        });
        boolean squareRoots = quadratic
                && divisor.terms().keySet().stream()
                        .flatMap(each -> each.powers().values().stream())
                        .allMatch(factor -> factor.atom() instanceof Name
                                || factor.exponent().equals(Rational.of(1, 2)));
        if (squareRoots) {
            Atom root = divisor.factors().getLast().atom();
            Rational square = root instanceof Prime(BigInteger value) ? Rational.of(value) : Rational.of(-1);
            Polynomial.Split split = divisor.split(root);
            Polynomial rooted = split.with()
                    .times(Polynomial.of(root, root instanceof Prime ? Rational.of(1, 2) : Rational.ONE), steps);
            Polynomial conjugate = split.without().plus(rooted.times(Rational.of(-1)), steps);
            Polynomial norm = split.without()
                    .times(split.without(), steps)
                    .plus(split.with().times(split.with(), steps).times(square.negated()), steps);
            return conjugate.times(reciprocal(norm), steps);
        }
        Rational leading = divisor.leading();
        Atom monic = Opaque.of("sum", List.of(divisor.times(Rational.ONE.over(leading))));
        return Polynomial.of(monic, Rational.of(-1)).times(Rational.ONE.over(leading));
    }

    private Polynomial powerOfMonomial(Polynomial base, Map.Entry<Monomial, Rational> monomial, Rational exponent)
            throws Unreadable {
        Optional<Polynomial> coefficient = powerOfRational(monomial.getValue(), exponent);
        if (coefficient.isEmpty()) {
            return opaque("power", base, Polynomial.of(exponent));
        }
        Polynomial power = coefficient.get();
        for (Factor factor : monomial.getKey().powers().values()) {
            Rational raised = factor.exponent().times(exponent);
            Optional<Polynomial> next = switch (factor.atom()) {
                case Prime(BigInteger value) -> raised.bits() > 64 ? Optional.empty() : primePower(value, raised);
                case Name name when name.equals(Name.I) -> imaginaryPower(raised);
                // (x^2)^(1/2) is |x|, not x; a first power under a root stays one
                case Name name ->
                    exponent.isInteger() || factor.exponent().equals(Rational.ONE) || isPositive(name)
                            ? Optional.of(Polynomial.of(name, raised))
                            : Optional.empty();
                case Unit unit -> Optional.of(Polynomial.of(unit, raised));
                case Opaque opaque ->
                    exponent.isInteger() ? Optional.of(Polynomial.of(opaque, raised)) : Optional.empty();
            };
            if (next.isEmpty()) {
                return opaque("power", base, Polynomial.of(exponent));
            }
            power = power.times(next.get(), steps);
        }
        return power;
    }

    private static boolean isPositive(Name name) {
        return name.equals(Name.PI) || name.equals(Name.E);
    }

    private static Optional<Polynomial> imaginaryPower(Rational exponent) {
        if (!exponent.isInteger()) {
            return Optional.empty();
        }
        int turn = exponent.numerator().mod(BigInteger.valueOf(4)).intValue();
        return Optional.of(
                switch (turn) {
                    case 0 -> Polynomial.ONE;
                    case 1 -> Polynomial.of(Name.I);
                    case 2 -> Polynomial.of(Rational.of(-1));
                    default -> Polynomial.of(Name.I).times(Rational.of(-1));
                });
    }

    private Optional<Polynomial> powerOfRational(Rational base, Rational exponent) throws Unreadable {
        if (exponent.isInteger()) {
            return wholePower(base, exponent).map(Polynomial::of);
        }
        if (exponent.bits() > 30 || exponent.denominator().intValue() > ROOT_DEGREE_MAX) {
            return Optional.empty();
        }
        Polynomial power = Polynomial.ONE;
        if (base.signum() < 0) {
            int degree = exponent.denominator().intValue();
            if (degree % 2 == 1) {
                boolean odd = exponent.numerator().testBit(0);
                power = Polynomial.of(Rational.of(odd ? -1 : 1));
            } else if (degree == 2) {
                power = imaginaryPower(Rational.of(exponent.numerator())).orElseThrow();
            } else {
                return Optional.empty();
            }
        }
        Map<BigInteger, Integer> primes = new TreeMap<>();
        factorise(base.numerator().abs(), 1, primes);
        factorise(base.denominator(), -1, primes);
        for (var prime : primes.entrySet()) {
            Rational raised = exponent.times(Rational.of(prime.getValue()));
            Optional<Polynomial> factor = primePower(prime.getKey(), raised);
            if (factor.isEmpty()) {
                return Optional.empty();
            }
            power = power.times(factor.get(), steps);
        }
        return Optional.of(power);
    }

    /** A whole power of a fraction, unless it would be too big. */
    private static Optional<Rational> wholePower(Rational base, Rational exponent) {
        boolean unit = base.numerator().abs().equals(BigInteger.ONE) && base.isInteger();
        if (unit) {
            return Optional.of(exponent.numerator().testBit(0) ? base : Rational.ONE);
        }
        boolean fits = base.signum() != 0
                && exponent.numerator().bitLength() < 31
                && (long) base.bits() * Math.abs(exponent.numerator().longValue()) <= Polynomial.BITS_MAX;
        if (!fits) {
            return Optional.empty();
        }
        int whole = exponent.numerator().intValue();
        Rational positive = new Rational(
                base.numerator().pow(Math.abs(whole)), base.denominator().pow(Math.abs(whole)));
        return Optional.of(whole < 0 ? Rational.ONE.over(positive) : positive);
    }

    /** prime^exponent as a rational number times a power in (0, 1). */
    private static Optional<Polynomial> primePower(BigInteger prime, Rational exponent) {
        BigInteger[] parts = floorDivide(exponent);
        Optional<Rational> whole = wholePower(Rational.of(prime), Rational.of(parts[0]));
        Rational rest = new Rational(parts[1], exponent.denominator());
        return whole.map(factor -> rest.signum() == 0
                ? Polynomial.of(factor)
                : Polynomial.of(new Prime(prime), rest).times(factor));
    }

    private static BigInteger[] floorDivide(Rational value) {
        BigInteger remainder = value.numerator().mod(value.denominator());
        return new BigInteger[] {value.numerator().subtract(remainder).divide(value.denominator()), remainder};
    }

    /** Counts the primes of {@code number}; a rest beyond trial division counts as one. */
    private void factorise(BigInteger number, int sign, Map<BigInteger, Integer> primes) throws Unreadable {
        BigInteger rest = number;
        for (int divisor = 2; divisor <= PRIME_TRIED_MAX && rest.bitLength() > 1; divisor++) {
            steps.spend((rest.bitLength() >> 8) + (divisor & 1));
            BigInteger prime = BigInteger.valueOf(divisor);
            if (prime.multiply(prime).compareTo(rest) > 0) {
                break;
            }
            BigInteger[] quotient = rest.divideAndRemainder(prime);
            while (quotient[1].signum() == 0) {
                steps.spend(1);
                primes.merge(prime, sign, Integer::sum);
                rest = quotient[0];
                quotient = rest.divideAndRemainder(prime);
            }
        }
        if (rest.bitLength() > 1) {
            BigInteger root = rest.sqrt();
            boolean square = root.multiply(root).equals(rest);
            primes.merge(square ? root : rest, square ? 2 * sign : sign, Integer::sum);
        }
    }

    // ---- functions

    private Polynomial call(String function, List<Polynomial> arguments) throws Unreadable {
        if (function.equals("binom")) {
            Optional<Polynomial> binomial = binomial(arguments.getFirst(), arguments.getLast());
            if (binomial.isPresent()) {
                return binomial.get();
            }
        }
        Optional<Rational> known = switch (function) {
            case "abs" -> arguments.getFirst().rational().map(x -> x.signum() < 0 ? x.negated() : x);
            case "floor" -> arguments.getFirst().rational().map(x -> Rational.of(floorDivide(x)[0]));
            case "ceil" ->
                arguments
                        .getFirst()
                        .rational()
                        .map(x -> Rational.of(floorDivide(x.negated())[0]).negated());
            case "max" -> rationals(arguments).stream().max(Rational::compareTo);
            case "min" -> rationals(arguments).stream().min(Rational::compareTo);
            case "gcd" -> integers(arguments).stream().reduce(BigInteger::gcd).map(Rational::of);
            case "lcm" ->
                integers(arguments).stream().reduce(Normal::leastCommonMultiple).map(Rational::of);
            case "ln" ->
                arguments.getFirst().equals(Polynomial.of(Name.E)) ? Optional.of(Rational.ONE) : Optional.empty();
            case String other -> Optional.empty();
        };
        return known.isPresent() ? Polynomial.of(known.get()) : Polynomial.of(Opaque.of(function, arguments));
    }

    /** The arguments if all are rational; none otherwise. */
    private static List<Rational> rationals(List<Polynomial> arguments) {
        List<Rational> rationals = arguments.stream()
                .flatMap(argument -> argument.rational().stream())
                .toList();
        return rationals.size() == arguments.size() ? rationals : List.of();
    }

    /** The arguments if all are positive whole numbers; none otherwise. */
    private static List<BigInteger> integers(List<Polynomial> arguments) {
        List<Rational> rationals = rationals(arguments);
        return rationals.stream().allMatch(value -> value.isInteger() && value.signum() > 0)
                ? rationals.stream().map(Rational::numerator).toList()
                : List.of();
    }

    private static BigInteger leastCommonMultiple(BigInteger first, BigInteger second) {
        return first.divide(first.gcd(second)).multiply(second);
    }

    /** Worked out where the lower number is known: a number, or a polynomial of that degree. */
    private Optional<Polynomial> binomial(Polynomial above, Polynomial below) throws Unreadable {
        Optional<Rational> lower = below.rational().filter(Rational::isInteger).filter(k -> k.signum() >= 0);
        Optional<Rational> upper = above.rational();
        Rational max = Rational.of(upper.isPresent() ? BINOMIAL_MAX : BINOMIAL_SYMBOLIC_MAX);
        if (lower.isEmpty() || lower.get().compareTo(max) > 0) {
            return Optional.empty();
        }
        Polynomial product = Polynomial.ONE;
        for (int k = 1; k <= lower.get().numerator().intValue(); k++) {
            Polynomial factor = above.plus(Polynomial.of(Rational.of(1 - k)), steps);
            product = product.times(factor, steps).times(Rational.of(1, k));
        }
        return Optional.of(product);
    }

    private static Polynomial opaque(String function, Polynomial... arguments) throws Unreadable {
        return Polynomial.of(Opaque.of(function, List.of(arguments)));
    }
}
