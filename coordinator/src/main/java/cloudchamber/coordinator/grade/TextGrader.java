package cloudchamber.coordinator.grade;

import java.util.Optional;

/**
 * Compares answers letter by letter, without surrounding blanks.
 *
 * @param id the name it goes by
 * @param wholeText whether the answer is the whole text rather than a marked part of it; such a text
 *     is never complete before the policy ends it
 */
record TextGrader(String id, boolean wholeText) implements Grader {

    @Override
    public Optional<String> extract(String text) {
        return wholeText ? Optional.of(text.strip()).filter(answer -> !answer.isEmpty()) : Extraction.marked(text);
    }

    @Override
    public boolean complete(String text) {
        return !wholeText && Extraction.complete(text);
    }

    @Override
    public boolean equivalent(String first, String second) {
        return canonical(first).equals(canonical(second));
    }

    @Override
    public String canonical(String answer) {
        return answer.strip();
    }

    @Override
    public boolean correct(String answer, String gold) {
        return equivalent(answer, wholeText ? gold : Extraction.gold(gold));
    }
}
