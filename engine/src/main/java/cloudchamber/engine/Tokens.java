package cloudchamber.engine;

import java.util.Arrays;
import java.util.List;

/** A text as token ids. Immutable; equal when the ids are. */
public final class Tokens {
    /** No token. */
    public static final Tokens NONE = new Tokens(new int[0]);

    private final int[] ids;
    private final int hash;

    private Tokens(int[] ids) {
        this.ids = ids;
        this.hash = Arrays.hashCode(ids);
    }

    public static Tokens of(int... ids) {
        return ids.length == 0 ? NONE : new Tokens(ids.clone());
    }

    public static Tokens of(List<Integer> ids) {
        return of(ids.stream().mapToInt(Integer::intValue).toArray());
    }

    public int size() {
        return ids.length;
    }

    public boolean isEmpty() {
        return ids.length == 0;
    }

    /** The id at {@code index}. */
    public int at(int index) {
        return ids[index];
    }

    /** This text followed by another. */
    public Tokens plus(Tokens next) {
        var joined = Arrays.copyOf(ids, ids.length + next.ids.length);
        System.arraycopy(next.ids, 0, joined, ids.length, next.ids.length);
        return new Tokens(joined);
    }

    /** The first {@code size} ids. */
    public Tokens first(int size) {
        return size == ids.length ? this : new Tokens(Arrays.copyOf(ids, size));
    }

    public List<Integer> toList() {
        return Arrays.stream(ids).boxed().toList();
    }

    public int[] toArray() {
        return ids.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens && hash == tokens.hash && Arrays.equals(ids, tokens.ids);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return Arrays.toString(ids);
    }
}
