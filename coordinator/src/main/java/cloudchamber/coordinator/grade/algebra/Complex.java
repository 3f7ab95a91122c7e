package cloudchamber.coordinator.grade.algebra;

/** A complex number in double precision. Functions take their principal values; what is not defined is NaN. */
public record Complex(double re, double im) {
    static final Complex ONE = of(1);
    static final Complex I = new Complex(0, 1);
    static final Complex NAN = of(Double.NaN);

    static Complex of(double re) {
        return new Complex(re, 0);
    }

    boolean isFinite() {
        return Double.isFinite(re) && Double.isFinite(im);
    }

    public boolean isReal() {
        return im == 0;
    }

    double abs() {
        return StrictMath.hypot(re, im);
    }

    Complex plus(Complex other) {
        return new Complex(re + other.re, im + other.im);
    }

    Complex minus(Complex other) {
        return new Complex(re - other.re, im - other.im);
    }

    Complex times(Complex other) {
        return new Complex(re * other.re - im * other.im, re * other.im + im * other.re);
    }

    Complex times(double factor) {
        return new Complex(re * factor, im * factor);
    }

    Complex over(Complex other) {
        double norm = other.re * other.re + other.im * other.im;
        return norm == 0 ? NAN : times(new Complex(other.re / norm, -other.im / norm));
    }

    Complex exp() {
        double size = StrictMath.exp(re);
        return isReal() ? of(size) : new Complex(size * StrictMath.cos(im), size * StrictMath.sin(im));
    }

    Complex log() {
        return re == 0 && im == 0 ? NAN : new Complex(StrictMath.log(abs()), StrictMath.atan2(im, re));
    }

    Complex power(Complex exponent) {
        if (isReal() && exponent.isReal() && (re >= 0 || exponent.re == StrictMath.rint(exponent.re))) {
            return of(StrictMath.pow(re, exponent.re));
        }
        return log().times(exponent).exp();
    }

    Complex sin() {
        return isReal()
                ? of(StrictMath.sin(re))
                : new Complex(StrictMath.sin(re) * StrictMath.cosh(im), StrictMath.cos(re) * StrictMath.sinh(im));
    }

    Complex cos() {
        return isReal()
                ? of(StrictMath.cos(re))
                : new Complex(StrictMath.cos(re) * StrictMath.cosh(im), -StrictMath.sin(re) * StrictMath.sinh(im));
    }
}
