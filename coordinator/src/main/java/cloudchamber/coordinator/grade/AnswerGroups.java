package cloudchamber.coordinator.grade;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Answers sorted into groups of equivalent ones, for votes and posteriors.
 *
 * @param representatives (G) one answer for each group, the first that was seen, in order of appearance
 * @param groupOf (N) the group of each answer, in [0, G); -1 for a particle without an answer, which no
 *     group has
 */
public record AnswerGroups(List<String> representatives, List<Integer> groupOf) {
    /** The group of a particle without an answer. */
    public static final int NONE = -1;

    public AnswerGroups {
        representatives = List.copyOf(representatives);
        groupOf = List.copyOf(groupOf);
    }

    /**
     * Groups answers: by key first, then each new key against the representatives so far. The order of
     * the answers decides the representatives, so give them by slot.
     *
     * @param answers (N)
     */
    public static AnswerGroups of(Grader grader, List<Optional<String>> answers) {
        List<String> representatives = new ArrayList<>();
        Map<String, Integer> groupOfKey = new HashMap<>();
        List<Integer> groupOf = new ArrayList<>();
        for (Optional<String> answer : answers) {
            if (answer.isEmpty()) {
                groupOf.add(NONE);
                continue;
            }
            String key = grader.canonical(answer.get());
            Integer known = groupOfKey.get(key);
            if (known == null) {
                known = equivalentTo(grader, representatives, answer.get());
                if (known == representatives.size()) {
                    representatives.add(answer.get());
                }
                groupOfKey.put(key, known);
            }
            groupOf.add(known);
        }
        return new AnswerGroups(representatives, groupOf);
    }

    private static int equivalentTo(Grader grader, List<String> representatives, String answer) {
        int group = 0;
        while (group < representatives.size() && !grader.equivalent(representatives.get(group), answer)) {
            group++;
        }
        return group;
    }
}
