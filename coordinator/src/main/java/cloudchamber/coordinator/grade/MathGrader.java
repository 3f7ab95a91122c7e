package cloudchamber.coordinator.grade;

import java.util.Optional;

/** Compares answers as exact numbers where both are numbers, and as text without blanks otherwise. */
record MathGrader(String id) implements Grader {

    @Override
    public Optional<String> extract(String text) {
        return Extraction.marked(text).or(() -> Extraction.lastNumber(text));
    }

    @Override
    public boolean complete(String text) {
        return Extraction.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        return canonical(first).equals(canonical(second));
    }

    @Override
    public String canonical(String answer) {
        String plain = Extraction.tidy(answer);
        return number(plain).map(Rational::toString).orElse(plain);
    }

    private static Optional<Rational> number(String answer) {
        String plain =
                answer.replace("\\!", "").replace("\\,", "").replace("\\$", "").replace(" ", "");
        boolean negative = plain.startsWith("-");
        String magnitude = negative ? plain.substring(1) : plain;
        return fraction(magnitude).map(value -> negative ? value.negated() : value);
    }

    private static Optional<Rational> fraction(String answer) {
        for (String command : new String[] {"\\frac{", "\\dfrac{", "\\tfrac{"}) {
            int middle = answer.indexOf("}{");
            if (answer.startsWith(command) && middle > 0 && answer.endsWith("}")) {
                return quotient(
                        answer.substring(command.length(), middle), answer.substring(middle + 2, answer.length() - 1));
            }
        }
        int slash = answer.indexOf('/');
        return slash < 0 ? decimal(answer) : quotient(answer.substring(0, slash), answer.substring(slash + 1));
    }

    private static Optional<Rational> quotient(String numerator, String denominator) {
        return decimal(denominator)
                .filter(below -> below.signum() != 0)
                .flatMap(below -> decimal(numerator).map(above -> above.over(below)));
    }

    /** Digits, with commas only where they part thousands. */
    private static Optional<Rational> decimal(String digits) {
        int comma = digits.indexOf(',');
        if (comma < 0) {
            return Rational.ofDecimal(digits);
        }
        int point = digits.indexOf('.');
        String whole = point < 0 ? digits : digits.substring(0, point);
        String[] groups = whole.split(",", -1);
        for (int group = 1; group < groups.length; group++) {
            if (groups[group].length() != 3) {
                return Optional.empty();
            }
        }
        return groups[0].isEmpty() || groups[0].length() > 3
                ? Optional.empty()
                : Rational.ofDecimal(digits.replace(",", ""));
    }
}
