package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Polynomial.Atom;
import cloudchamber.coordinator.grade.algebra.Polynomial.Factor;
import cloudchamber.coordinator.grade.algebra.Polynomial.Name;
import cloudchamber.coordinator.grade.algebra.Polynomial.Opaque;
import cloudchamber.coordinator.grade.algebra.Polynomial.Prime;
import cloudchamber.coordinator.grade.algebra.Polynomial.Unit;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Evaluates polynomials with opaque atoms, and compares two of them at several points. */
public final class Numeric {
    /*
     * The symbols are positive at the first points, where roots and logarithms are what they seem: all
     * that can be evaluated must agree. At the other points some are negative: there only real values
     * count, which tells |x| from x but lets ln x + ln y be ln xy.
     *
     * The points are fixed: multiples of irrational numbers, modulo 1.
     */
    private static final int POINTS_POSITIVE = 5;

    private static final int POINTS = 10;
    private static final int DECIDED_MIN = 3;
    private static final double TOLERANCE = 1e-10;

    /** A fraction that takes more bits to write is a rounded number, never the value of a function. */
    private static final int ROUNDED_BITS = 40;

    /** Where a function is constant between whole numbers, the points are wider apart. */
    private static final double STEPS_SCALE = 41;

    private static final double STRIDE_POINT = 0.754877666246693;
    private static final double STRIDE_SYMBOL = 0.569840290998053;

    private final List<String> symbols = new ArrayList<>();
    private final Steps steps;
    private int point;
    private boolean hasSteps;
    private double scale = 1;

    private Numeric(Steps steps) {
        this.steps = steps;
    }

    /** The value of a polynomial without symbols or units; empty if it has any, or is not defined. */
    public static Optional<Complex> constant(Polynomial polynomial, Steps steps) throws Unreadable {
        var numeric = new Numeric(steps);
        numeric.collect(polynomial);
        if (!numeric.symbols.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(numeric.value(polynomial)).filter(Complex::isFinite);
    }

    /** Whether two polynomials agree wherever both are defined. */
    static boolean same(Polynomial first, Polynomial second, Edition edition, Steps steps) throws Unreadable {
        if (isRounded(first) || isRounded(second)) {
            return false;
        }
        var numeric = new Numeric(steps);
        numeric.collect(first);
        numeric.collect(second);
        numeric.scale = edition.isSecond() && numeric.hasSteps ? STEPS_SCALE : 1;
        int decided = 0;
        int points = numeric.symbols.isEmpty() ? 1 : POINTS;
        for (int point = 0; point < points; point++) {
            numeric.point = point;
            Complex left = numeric.value(first);
            Complex right = numeric.value(second);
            if (!left.isFinite() || !right.isFinite()) {
                if (point < POINTS_POSITIVE && left.isFinite() != right.isFinite()) {
                    return false;
                }
                continue;
            }
            if (point >= POINTS_POSITIVE && !(isNearlyReal(left) && isNearlyReal(right))) {
                continue;
            }
            if (!close(left, right)) {
                return false;
            }
            decided++;
        }
        return decided >= Math.min(points, DECIDED_MIN);
    }

    /**
     * Whether the first is a constant, not zero, times the second.
     *
     * @param positive whether the constant must be positive
     */
    static boolean proportional(Polynomial first, Polynomial second, boolean positive, Edition edition, Steps steps)
            throws Unreadable {
        var numeric = new Numeric(steps);
        numeric.collect(first);
        numeric.collect(second);
        numeric.scale = edition.isSecond() && numeric.hasSteps ? STEPS_SCALE : 1;
        Complex ratio = null;
        int decided = 0;
        for (int point = 0; point < POINTS; point++) {
            numeric.point = point;
            Complex here = numeric.value(first).over(numeric.value(second));
            if (!here.isFinite() || point >= POINTS_POSITIVE && !isNearlyReal(here)) {
                continue;
            }
            if (ratio == null) {
                ratio = here;
            }
            boolean signed = !positive || isNearlyReal(here) && here.re() > 0;
            if (here.abs() < TOLERANCE || !signed || !close(ratio, here)) {
                return false;
            }
            decided++;
        }
        return decided >= DECIDED_MIN;
    }

    private static boolean isRounded(Polynomial polynomial) {
        return polynomial
                .rational()
                .filter(value ->
                        value.numerator().bitLength() + value.denominator().bitLength() > ROUNDED_BITS)
                .isPresent();
    }

    private static boolean isNearlyReal(Complex value) {
        return Math.abs(value.im()) <= TOLERANCE * (1 + Math.abs(value.re()));
    }

    private static boolean close(Complex left, Complex right) {
        double size = Math.max(left.abs(), right.abs());
        return left.minus(right).abs() <= TOLERANCE * size + 1e-13;
    }

    private void collect(Polynomial polynomial) throws Unreadable {
        for (Factor factor : polynomial.factors()) {
            steps.spend(1);
            switch (factor.atom()) {
                case Prime prime -> {}
                case Unit unit -> add(unit.key());
                case Name name -> {
                    if (!name.name().startsWith("#")) {
                        add(name.key());
                    }
                }
                case Opaque opaque -> {
                    hasSteps |= opaque.function().equals("floor")
                            || opaque.function().equals("ceil");
                    for (Polynomial argument : opaque.arguments()) {
                        collect(argument);
                    }
                }
            }
        }
    }

    private void add(String symbol) {
        if (!symbols.contains(symbol)) {
            symbols.add(symbol);
        }
    }

    private Complex value(Polynomial polynomial) throws Unreadable {
        Complex sum = Complex.of(0);
        for (var term : polynomial.terms().entrySet()) {
            Complex product = Complex.of(term.getValue().toDouble());
            for (Factor factor : term.getKey().powers().values()) {
                steps.spend(1);
                Complex base = value(factor.atom());
                product = product.times(
                        factor.exponent().equals(Rational.ONE)
                                ? base
                                : base.power(Complex.of(factor.exponent().toDouble())));
            }
            sum = sum.plus(product);
        }
        return sum;
    }

    private Complex value(Atom atom) throws Unreadable {
        return switch (atom) {
            case Prime(BigInteger value) -> Complex.of(value.doubleValue());
            case Name name when name.equals(Name.PI) -> Complex.of(Math.PI);
            case Name name when name.equals(Name.E) -> Complex.of(Math.E);
            case Name name when name.equals(Name.I) -> Complex.I;
            case Name name when name.equals(Name.INFINITY) -> Complex.NAN;
            case Name name -> symbol(name.key());
            case Unit unit -> symbol(unit.key());
            case Opaque opaque -> function(opaque);
        };
    }

    private Complex symbol(String key) {
        int index = symbols.indexOf(key);
        double turn = (point + 1) * STRIDE_POINT + (index + 1) * (STRIDE_SYMBOL + point * 0.1234567);
        double fraction = turn - StrictMath.floor(turn);
        boolean negative = point >= POINTS_POSITIVE && ((point - POINTS_POSITIVE) + index) % 2 == 0;
        double size = scale * (0.3 + 2.1 * fraction);
        // a floor and a ceiling differ at whole numbers only
        double value = scale > 1 && point % 2 == 1 ? Math.rint(size) : size;
        return Complex.of(negative ? -value : value);
    }

    private Complex function(Opaque opaque) throws Unreadable {
        List<Polynomial> arguments = opaque.arguments();
        Complex x = value(arguments.getFirst());
        Complex last = arguments.size() == 1 ? x : value(arguments.getLast());
        boolean unary = arguments.size() == 1;
        return switch (opaque.function()) {
            case "sum" -> x;
            case "power" -> power(x, arguments.getLast(), last);
            case "abs" -> Complex.of(x.abs());
            case "sin" -> unary ? x.sin() : Complex.NAN;
            case "cos" -> unary ? x.cos() : Complex.NAN;
            case "tan" -> unary ? x.sin().over(x.cos()) : Complex.NAN;
            case "cot" -> unary ? x.cos().over(x.sin()) : Complex.NAN;
            case "sec" -> unary ? Complex.ONE.over(x.cos()) : Complex.NAN;
            case "csc" -> unary ? Complex.ONE.over(x.sin()) : Complex.NAN;
            case "sinh" -> unary ? x.exp().minus(x.times(-1).exp()).times(0.5) : Complex.NAN;
            case "cosh" -> unary ? x.exp().plus(x.times(-1).exp()).times(0.5) : Complex.NAN;
            case "tanh" ->
                unary
                        ? x.exp()
                                .minus(x.times(-1).exp())
                                .over(x.exp().plus(x.times(-1).exp()))
                        : Complex.NAN;
            case "arcsin" -> real(x, StrictMath.asin(x.re()));
            case "arccos" -> real(x, StrictMath.acos(x.re()));
            case "arctan" -> real(x, StrictMath.atan(x.re()));
            case "ln" -> unary ? x.log() : Complex.NAN;
            case "lg" -> x.log().over(Complex.of(10).log());
            // log_b x has its base first; a bare log is of base 10
            case "log" -> last.log().over(unary ? Complex.of(10).log() : x.log());
            case "floor" -> real(x, StrictMath.floor(x.re()));
            case "ceil" -> real(x, StrictMath.ceil(x.re()));
            // functions of whole numbers are compared by their forms only
            case String other -> Complex.NAN;
        };
    }

    private static Complex real(Complex argument, double value) {
        return argument.isReal() ? Complex.of(value) : Complex.NAN;
    }

    /** A root of odd degree of a negative number is the real one. */
    private static Complex power(Complex base, Polynomial exponent, Complex value) {
        Optional<Rational> rational = exponent.rational();
        boolean odd = rational.isPresent()
                && !rational.get().isInteger()
                && rational.get().denominator().testBit(0);
        if (odd && base.isReal() && base.re() < 0) {
            double size = StrictMath.pow(-base.re(), value.re());
            return Complex.of(rational.get().numerator().testBit(0) ? -size : size);
        }
        return base.power(value);
    }
}
