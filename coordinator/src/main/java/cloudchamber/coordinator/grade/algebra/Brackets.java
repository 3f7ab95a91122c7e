package cloudchamber.coordinator.grade.algebra;

import cloudchamber.coordinator.grade.algebra.Expression.Call;
import cloudchamber.coordinator.grade.algebra.Token.Kind;
import cloudchamber.coordinator.grade.algebra.Value.Group;
import cloudchamber.coordinator.grade.algebra.Value.Matrix;
import cloudchamber.coordinator.grade.algebra.Value.Scalar;
import cloudchamber.coordinator.grade.algebra.Value.Several;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads what stands in brackets of any kind: groups, braces, sets, absolute values, matrices. */
final class Brackets {
    private static final Set<String> MATRICES =
            Set.of("matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "smallmatrix", "array");

    private final Reader reader;
    private final Cursor cursor;

    Brackets(Reader reader, Cursor cursor) {
        this.reader = reader;
        this.cursor = cursor;
    }

    Value bracketed() throws Unreadable {
        cursor.enter();
        boolean barOutside = cursor.barCloses();
        cursor.setBarCloses(false);
        char open = cursor.next().text().charAt(0);
        List<Value> elements = reader.elements();
        Token close = cursor.next();
        if (!close.isSign(")") && !close.isSign("]")) {
            throw new Unreadable(") or ] was expected: was " + close.text());
        }
        cursor.setBarCloses(barOutside);
        cursor.leave();
        boolean single = elements.size() == 1;
        if (single) {
            return elements.getFirst();
        }
        return new Group(open, close.text().charAt(0), elements);
    }

    Value set() throws Unreadable {
        cursor.enter();
        cursor.skip(1);
        if (cursor.peek().isSign("\\}")) {
            cursor.skip(1);
            cursor.leave();
            return new Several(List.of(), true);
        }
        boolean barOutside = cursor.barCloses();
        cursor.setBarCloses(true);
        List<Value> elements = reader.answers();
        cursor.setBarCloses(barOutside);
        if (elements.size() == 1 && (cursor.peek().isSign("|") || cursor.peek().isSign(":"))) {
            cursor.skip(1);
            Value condition = reader.related();
            cursor.expectSign("\\}");
            cursor.leave();
            return condition;
        }
        cursor.expectSign("\\}");
        cursor.leave();
        return new Several(elements, true);
    }

    Value absolute() throws Unreadable {
        cursor.enter();
        cursor.skip(1);
        boolean barOutside = cursor.barCloses();
        cursor.setBarCloses(true);
        Expression inside = Value.scalar(reader.sum());
        cursor.setBarCloses(barOutside);
        cursor.expectSign("|");
        cursor.leave();
        return new Scalar(new Call("abs", List.of(inside)));
    }

    Value matrix() throws Unreadable {
        String kind = cursor.environment();
        if (!MATRICES.contains(kind)) {
            throw new Unreadable("a matrix was expected: was " + kind);
        }
        if (kind.equals("array") && cursor.peek().isSign("{")) {
            cursor.subscript();
        }
        List<List<Value>> rows = new ArrayList<>();
        List<Value> row = new ArrayList<>();
        while (!cursor.peek().isCommand("end")) {
            row.add(reader.joined());
            if (cursor.peek().isSign("&")) {
                cursor.skip(1);
            } else if (cursor.peek().kind() == Kind.ROW) {
                cursor.skip(1);
                rows.add(List.copyOf(row));
                row.clear();
            } else if (!cursor.peek().isCommand("end")) {
                throw new Unreadable(
                        "& or \\\\ was expected: was " + cursor.peek().text());
            }
        }
        if (!row.isEmpty()) {
            rows.add(List.copyOf(row));
        }
        cursor.skip(1);
        if (!cursor.environment().equals(kind) || rows.isEmpty()) {
            throw new Unreadable("the end of a matrix was expected");
        }
        for (List<Value> each : rows) {
            if (each.size() != rows.getFirst().size()) {
                throw new Unreadable("rows of one length were expected");
            }
        }
        if (kind.equals("vmatrix")) {
            throw new Unreadable("a determinant is not worked out");
        }
        return new Matrix(rows);
    }

    /** The content of braces up to the closing one, which an unfinished answer may lack. */
    Value braced() throws Unreadable {
        cursor.enter();
        List<Value> items = reader.elements();
        if (!cursor.peek().isSign("}") && cursor.peek().kind() != Kind.END) {
            throw new Unreadable("} was expected: was " + cursor.peek().text());
        }
        if (cursor.peek().isSign("}")) {
            cursor.skip(1);
        }
        cursor.leave();
        if (items.size() != 1) {
            throw new Unreadable("one item was expected in braces: were " + items.size());
        }
        return items.getFirst();
    }
}
