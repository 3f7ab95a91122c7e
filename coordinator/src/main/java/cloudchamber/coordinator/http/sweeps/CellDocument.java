package cloudchamber.coordinator.http.sweeps;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.sweep.SweepPlan.Cell;
import cloudchamber.coordinator.sweep.SweepSpecification;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One cell of a sweep in JSON.
 *
 * @param grader the id of the grader that tells whether an answer is right
 * @param extraction how answers are found; left out for the first edition of the rules
 * @param problems in the data set's order
 */
public record CellDocument(
        Cell cell,
        String grader,
        @JsonInclude(JsonInclude.Include.NON_NULL) Extraction extraction,
        List<Line> problems) {

    /** @param status of the problem in the job that serves the cell */
    public record Line(String id, String answer, ProblemStatus status) {}

    /** @param lines of the problems of the job that serves it; empty if it has not been submitted yet */
    static CellDocument of(SweepSpecification specification, Cell cell, List<ProblemLine> lines) {
        var dataSet = specification.dataSets().stream()
                .filter(set -> set.name().equals(cell.dataSet()))
                .findFirst()
                .orElseThrow();
        Map<String, ProblemStatus> statuses =
                lines.stream().collect(Collectors.toMap(ProblemLine::id, ProblemLine::status));
        return new CellDocument(
                cell,
                dataSet.grader(),
                dataSet.extraction(),
                dataSet.items().stream()
                        .map(item -> new Line(
                                item.id(), item.answer(), statuses.getOrDefault(item.id(), ProblemStatus.QUEUED)))
                        .toList());
    }
}
