package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Numeral;
import cloudchamber.coordinator.grade.algebra.Token.Kind;
import java.util.List;
import java.util.Optional;

/** A fraction of two plain integers right after a plain integer: {@code 1 2/3}. */
final class MixedNumber {
    private MixedNumber() {}

    /** Turns the integer just read and the fraction that follows into a mixed number, if they are one. */
    static boolean take(Cursor cursor, List<Expression> factors) {
        boolean afterInteger = cursor.previous().kind() == Kind.NUMBER
                && factors.size() == 1
                && factors.getFirst() instanceof Numeral(Rational whole)
                && whole.isInteger();
        if (!afterInteger) {
            return false;
        }
        Optional<Rational> fraction = Optional.empty();
        int start = cursor.place();
        if (cursor.peek().kind() == Kind.NUMBER
                && cursor.peek(1).isSign("/")
                && cursor.peek(2).kind() == Kind.NUMBER) {
            fraction = fraction(cursor.peek().text(), cursor.peek(2).text());
            cursor.skip(3);
        } else if (cursor.peek().isCommand("frac")) {
            cursor.skip(1);
            Optional<String> above = cursor.digits();
            Optional<String> below = cursor.digits();
            if (above.isPresent() && below.isPresent()) {
                fraction = fraction(above.get(), below.get());
            }
        }
        if (fraction.isEmpty()) {
            cursor.returnTo(start);
            return false;
        }
        var whole = (Numeral) factors.getFirst();
        factors.set(0, new Numeral(whole.value().plus(fraction.get())));
        return true;
    }

    private static Optional<Rational> fraction(String above, String below) {
        if (above.indexOf('.') >= 0 || below.indexOf('.') >= 0) {
            return Optional.empty();
        }
        return Rational.ofDecimal(below)
                .filter(divisor -> divisor.signum() != 0)
                .flatMap(divisor -> Rational.ofDecimal(above).map(dividend -> dividend.over(divisor)));
    }
}
