package cloudchamber.coordinator.grade.algebra;

import java.util.Map;

/** Letters, digits and signs of other keyboards, as ASCII or LaTeX. */
final class Characters {
    private static final int FULL_WIDTH_FIRST = 0xFF01;
    private static final int FULL_WIDTH_LAST = 0xFF5E;
    private static final int FULL_WIDTH_OFFSET = 0xFEE0;

    private static final Map<Character, String> SIGNS = Map.ofEntries(
            // minus: hyphens, dashes and the sign itself
            Map.entry('\u2010', "-"),
            Map.entry('\u2011', "-"),
            Map.entry('\u2012', "-"),
            Map.entry('\u2013', "-"),
            Map.entry('\u2014', "-"),
            Map.entry('\u2212', "-"),
            Map.entry('\ufe63', "-"),
            Map.entry('\u02bc', "'"),
            Map.entry('\u2019', "'"),
            Map.entry('\u2032', "'"),
            Map.entry('\u066a', "%"),
            Map.entry('\u066b', "."),
            Map.entry('\u066c', ","),
            Map.entry('\u060c', ","),
            Map.entry('\u3001', ","),
            Map.entry('\u3002', "."),
            Map.entry('\u3000', " "),
            Map.entry('\u2007', " "),
            Map.entry('\u200b', ""),
            Map.entry('\u2060', ""),
            Map.entry('\ufeff', ""),
            Map.entry('\u2215', "/"),
            Map.entry('\u2044', "/"),
            Map.entry('\u2217', "*"),
            Map.entry('\u2219', "\\cdot "),
            Map.entry('\u2022', "\\cdot "),
            Map.entry('\u2223', "|"),
            Map.entry('\u27e8', "\\langle "),
            Map.entry('\u27e9', "\\rangle "),
            Map.entry('\u211d', "\\mathbb{R} "),
            Map.entry('\u2216', "\\setminus "),
            Map.entry('\u2261', "\\equiv "),
            Map.entry('\u03b1', "\\alpha "),
            Map.entry('\u03b2', "\\beta "),
            Map.entry('\u03b3', "\\gamma "),
            Map.entry('\u03bb', "\\lambda "),
            Map.entry('\u03bc', "\\mu "),
            Map.entry('\u03c6', "\\phi "),
            Map.entry('\u03c9', "\\omega "),
            // currencies
            Map.entry('\u00a5', "\\yen "),
            Map.entry('\uffe5', "\\yen "),
            Map.entry('\u5186', "\\yen "),
            Map.entry('\u5143', "\\yuan "),
            Map.entry('\u20b9', "\\rupee "),
            Map.entry('\u20a9', "\\won "),
            Map.entry('\u20bd', "\\ruble "),
            // fractions
            Map.entry('\u2153', "\\frac13 "),
            Map.entry('\u2154', "\\frac23 "),
            Map.entry('\u2155', "\\frac15 "),
            Map.entry('\u2156', "\\frac25 "),
            Map.entry('\u2157', "\\frac35 "),
            Map.entry('\u2158', "\\frac45 "),
            Map.entry('\u2159', "\\frac16 "),
            Map.entry('\u215a', "\\frac56 "),
            Map.entry('\u215b', "\\frac18 "),
            Map.entry('\u215c', "\\frac38 "),
            Map.entry('\u215d', "\\frac58 "),
            Map.entry('\u215e', "\\frac78 "));

    private static final String RAISED = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";
    private static final char RAISED_MINUS = '\u207b';
    private static final char ROOT = '\u221a';
    private static final char LOWERED_ZERO = '\u2080';

    private Characters() {}

    /** The same text with digits of all scripts in ASCII, and the signs that have another usual writing in that one. */
    static String ascii(String text) {
        if (text.chars().allMatch(character -> character < 128)) {
            return text;
        }
        var ascii = new StringBuilder(text.length() + 16);
        int at = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            int end = at + 1;
            if (character < 128) {
                ascii.append(character);
            } else if (raised(character) != null) {
                end = run(text, at, true);
                ascii.append("^{");
                text.substring(at, end).chars().forEach(each -> ascii.append(raised((char) each)));
                ascii.append('}');
            } else if (isLowered(character)) {
                end = run(text, at, false);
                ascii.append("_{");
                text.substring(at, end).chars().forEach(each -> ascii.append(each - LOWERED_ZERO));
                ascii.append('}');
            } else if (character == ROOT && at + 1 < text.length() && Character.isDigit(text.charAt(at + 1))) {
                end = digits(text, at + 1);
                ascii.append("\\sqrt{")
                        .append(ascii(text.substring(at + 1, end)))
                        .append('}');
            } else {
                append(ascii, character);
            }
            at = end;
        }
        return ascii.toString();
    }

    private static void append(StringBuilder ascii, char character) {
        String sign = SIGNS.get(character);
        if (sign != null) {
            ascii.append(sign);
        } else if (character >= FULL_WIDTH_FIRST && character <= FULL_WIDTH_LAST) {
            ascii.append((char) (character - FULL_WIDTH_OFFSET));
        } else if (Character.isDigit(character)) {
            ascii.append(Character.digit(character, 10));
        } else {
            ascii.append(character);
        }
    }

    private static int digits(String text, int from) {
        int end = from;
        while (end < text.length() && Character.isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static int run(String text, int from, boolean isRaised) {
        int end = from;
        while (end < text.length() && (isRaised ? raised(text.charAt(end)) != null : isLowered(text.charAt(end)))) {
            end++;
        }
        return end;
    }

    /** The digit or minus that stands raised; null if none does. */
    private static Character raised(char character) {
        int digit = RAISED.indexOf(character);
        return digit >= 0 ? Character.valueOf((char) ('0' + digit)) : character == RAISED_MINUS ? '-' : null;
    }

    private static boolean isLowered(char character) {
        return character >= LOWERED_ZERO && character <= LOWERED_ZERO + 9;
    }
}
