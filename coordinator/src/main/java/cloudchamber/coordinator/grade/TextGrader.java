package cloudchamber.coordinator.grade;

import java.util.Optional;

/**
 * Compares answers letter by letter, without surrounding blanks.
 *
 * @param id the name it goes by
 * @param wholeText whether the answer is the whole text rather than a marked part of it; such a text
 *     is never complete before the policy ends it
 * @param extraction null for the first edition of the rules
 */
record TextGrader(String id, boolean wholeText, Extraction extraction) implements Grader {

    @Override
    public Optional<String> extract(String text) {
        if (extraction != null) {
            return FinalAnswers.find(extraction, text, wholeText ? TextGrader::whole : FinalAnswers::marked);
        }
        return wholeText ? whole(text) : AnswerMarks.marked(text);
    }

    private static Optional<String> whole(String text) {
        return Optional.of(text.strip()).filter(answer -> !answer.isEmpty());
    }

    @Override
    public boolean complete(String text) {
        return !wholeText && AnswerMarks.complete(text);
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
        return equivalent(answer, wholeText ? gold : AnswerMarks.gold(gold));
    }
}
