package cloudchamber.protocol.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What in a generated text is thought and what is said. A thought stands in the text between marks, as models write
 * them: {@code <think>…</think>}, {@code ◁think▷…◁/think▷}, or gpt-oss's channels. A text that begins with the end of a
 * thought began inside it, since its prompt opened the thought.
 *
 * <p>Linear in the text. Never throws.
 */
public final class Thoughts {
    /*
     * gpt-oss's channels: <|channel|>analysis<|message|>…<|end|> is thought, as is commentary; what follows
     * <|channel|>final<|message|> is said. Between two of them stands <|start|>assistant. Where a server leaves these
     * tokens out of the text nothing tells the channels apart; such servers have a field for thoughts of their own.
     */

    /** The marks of a thought as this program writes them for a server that tells thoughts and text apart. */
    public static final Marks STANDARD = new Marks("<think>", "</think>");

    private static final List<Marks> MARKS = List.of(STANDARD, new Marks("◁think▷", "◁/think▷"));
    private static final String CHANNEL = "<|channel|>";
    private static final String MESSAGE = "<|message|>";
    private static final String START = "<|start|>";
    private static final List<String> CHANNEL_ENDS = List.of("<|end|>", "<|return|>", "<|call|>");
    private static final String FINAL = "final";
    private static final Pattern CONTROLS = Pattern.compile(
            "</?think>|◁/?think▷|(?:<\\|start\\|>assistant)?"
                    + "<\\|channel\\|>[^<]{0,64}(?:<\\|constrain\\|>[^<]{0,64})?<\\|message\\|>|<\\|(?:end|return|call|start)\\|>");

    private static final List<String> BEGINNINGS =
            List.of(MARKS.get(0).open(), MARKS.get(1).open(), CHANNEL, START);

    private Thoughts() {}

    /** What begins a thought and what ends it. */
    public record Marks(String open, String close) {}

    /**
     * A stretch of a text.
     *
     * @param thought whether it is thought; its marks belong to it
     * @param text as it was generated
     */
    public record Stretch(boolean thought, String text) {}

    /**
     * Where in a text a thought stands, its marks included, in UTF-16 units.
     *
     * @param end exclusive
     */
    public record Span(int start, int end) {}

    /** Where {@code text}, which follows {@code before}, is thought. */
    public static List<Span> spans(String before, String text) {
        var all = before + text;
        if (!in(all)) {
            return List.of();
        }
        var spans = new ArrayList<Span>();
        int at = -before.length();
        for (var stretch : of(all)) {
            int end = at + stretch.text().length();
            if (stretch.thought() && end > 0) {
                spans.add(new Span(Math.max(0, at), end));
            }
            at = end;
        }
        return List.copyOf(spans);
    }

    /** What a thought says, without its marks. */
    public static String inner(String thought) {
        return CONTROLS.matcher(thought).replaceAll("").strip();
    }

    /** The stretches of a text in order; together they are the text. */
    public static List<Stretch> of(String text) {
        var stretches = new ArrayList<Stretch>();
        int at = 0;
        var close = leadingClose(text);
        if (close != null) {
            at = text.indexOf(close) + close.length();
            stretches.add(new Stretch(true, text.substring(0, at)));
        }
        var openings = new Openings(text);
        while (at < text.length()) {
            int open = openings.next(at);
            if (open > at) {
                stretches.add(new Stretch(false, text.substring(at, open)));
            }
            at = open;
            if (open < text.length()) {
                at = end(text, open);
                stretches.add(new Stretch(true, text.substring(open, at)));
            }
        }
        return List.copyOf(stretches);
    }

    /** Whether any of it is thought. */
    public static boolean in(String text) {
        return new Openings(text).next(0) < text.length() || leadingClose(text) != null;
    }

    /** What a text says: without its thoughts, and so empty where its only thought was cut. */
    public static String said(String text) {
        if (!in(text)) {
            return text;
        }
        var said = new StringBuilder();
        for (var stretch : of(text)) {
            if (!stretch.thought()) {
                said.append(stretch.text());
            }
        }
        return said.toString();
    }

    /** Whether a text ends inside a thought. */
    public static boolean open(String text) {
        var stretches = in(text) ? of(text) : List.<Stretch>of();
        return !stretches.isEmpty()
                && stretches.getLast().thought()
                && !closed(stretches.getLast().text());
    }

    /** What closes the thought that a text ends in, as its model writes it; nothing where it ends in none. */
    public static String closing(String text) {
        if (!open(text)) {
            return "";
        }
        var thought = of(text).getLast().text();
        for (var marks : MARKS) {
            if (thought.startsWith(marks.open())) {
                return marks.close();
            }
        }
        return CHANNEL_ENDS.getFirst() + START + "assistant" + CHANNEL + FINAL + MESSAGE;
    }

    /**
     * The opening of a thought that a prompt ends in, with what follows it; empty if the answer begins outside of one.
     */
    public static String opening(String prompt) {
        var end = prompt.stripTrailing();
        for (var marks : MARKS) {
            if (end.endsWith(marks.open())) {
                return prompt.substring(end.length() - marks.open().length());
            }
        }
        return "";
    }

    private static boolean closed(String thought) {
        for (var marks : MARKS) {
            if (thought.endsWith(marks.close())) {
                return true;
            }
        }
        return thought.endsWith(MESSAGE) && thought.lastIndexOf(CHANNEL) > 0
                || thought.endsWith(CHANNEL + FINAL + MESSAGE);
    }

    /** The end of a thought that stands before any beginning of one; null if there is none. */
    private static String leadingClose(String text) {
        for (var marks : MARKS) {
            int close = text.indexOf(marks.close());
            if (close >= 0) {
                int open = text.indexOf(marks.open());
                if (open < 0 || open > close) {
                    return marks.close();
                }
            }
        }
        return null;
    }

    /** Finds the beginnings of thoughts from left to right, each mark looked for once. */
    private static final class Openings {
        private final String text;
        private final int[] found = new int[BEGINNINGS.size()];

        Openings(String text) {
            this.text = text;
            Arrays.fill(found, -1);
        }

        /** The first at {@code from} or later; the text's length if there is none. Never asked for an earlier one. */
        int next(int from) {
            int next = text.length();
            for (int mark = 0; mark < found.length; mark++) {
                if (found[mark] < from) {
                    int at = text.indexOf(BEGINNINGS.get(mark), from);
                    found[mark] = at < 0 ? text.length() : at;
                }
                next = Math.min(next, found[mark]);
            }
            return next;
        }
    }

    /** Where the thought that begins at {@code open} is over. */
    private static int end(String text, int open) {
        for (var marks : MARKS) {
            if (text.startsWith(marks.open(), open)) {
                int close = text.indexOf(marks.close(), open + marks.open().length());
                return close < 0 ? text.length() : close + marks.close().length();
            }
        }
        return channelEnd(text, open);
    }

    /** Channels but the final one are thought, with all that stands between them. */
    private static int channelEnd(String text, int open) {
        int channel = text.indexOf(CHANNEL, open);
        while (channel >= 0) {
            int name = channel + CHANNEL.length();
            int message = text.indexOf(MESSAGE, name);
            if (message < 0) {
                return text.length();
            }
            if (text.substring(name, message).strip().startsWith(FINAL)) {
                return message + MESSAGE.length();
            }
            channel = text.indexOf(CHANNEL, message);
        }
        return text.length();
    }
}
