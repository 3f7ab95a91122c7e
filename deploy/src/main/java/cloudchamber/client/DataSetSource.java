package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.sweep.DataSet;
import cloudchamber.coordinator.sweep.DataSetLayout;
import cloudchamber.coordinator.sweep.DataSetReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A file with problems, what it is called, and how it is read and graded.
 *
 * @param named names of fields to read instead of the usual ones, by what they are
 * @param shuffle the seed that choices are shuffled by; null leaves the file's order
 * @param ignore names of fields that may be lost
 * @param grader null for the usual one of its problems
 * @param systemPrompt null for none
 * @param extraction how answers are found in texts
 */
public record DataSetSource(
        String name,
        Path file,
        Map<String, String> named,
        Long shuffle,
        List<String> ignore,
        String grader,
        String systemPrompt,
        Extraction extraction) {
    DataSetSource(String name, Path file) {
        this(name, file, Map.of(), null, List.of(), null, null, Extraction.STANDARD);
    }

    private DataSetLayout layout() {
        return new DataSetLayout(DataSetLayout.Fields.STANDARD.with(named), shuffle, ignore);
    }

    /** The same with what is not null. */
    public DataSetSource with(String another, String prompt, String format) {
        try {
            return new DataSetSource(
                    another == null ? name : another,
                    file,
                    named,
                    shuffle,
                    ignore,
                    grader,
                    prompt == null ? systemPrompt : prompt,
                    format == null ? extraction : Extraction.of(format));
        } catch (IllegalArgumentException unknown) {
            throw new CommandFailure(ExitCode.USAGE, unknown.getMessage());
        }
    }

    /** The same with more fields named. */
    public DataSetSource withFields(Map<String, String> more) {
        var all = new TreeMap<>(named);
        all.putAll(more);
        return new DataSetSource(name, file, all, shuffle, ignore, grader, systemPrompt, extraction);
    }

    public boolean csv() {
        return file.toString().toLowerCase(Locale.ROOT).matches(".*\\.csv(\\.gz)?");
    }

    public byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the data set must be readable: " + unreadable);
        }
    }

    /**
     * The query that registers it on a server as it would be read here.
     *
     * @param asked the grader to use; null for the file's own
     */
    public String query(String asked) {
        var query = new StringBuilder("name=" + encoded(name));
        append(query, "grader", asked == null ? grader : asked);
        append(query, "systemPrompt", systemPrompt);
        if (!extraction.equals(Extraction.STANDARD)) {
            var asJson = (ObjectNode) Json.tree(extraction);
            asJson.remove("rules");
            append(query, "extraction", asJson.toString());
        }
        named.forEach((what, field) -> append(query, what + "Field", field));
        append(query, "shuffle", shuffle == null ? null : shuffle.toString());
        ignore.forEach(field -> append(query, "ignore", field));
        return query.toString();
    }

    private static void append(StringBuilder query, String key, String value) {
        if (value != null) {
            query.append('&').append(key).append('=').append(encoded(value));
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /**
     * @param asked the grader to use; null for the file's own
     * @throws CommandFailure that names the first broken lines, if there are any
     */
    public DataSet read(String asked) {
        var contents = DataSetReader.read(bytes(), csv(), layout());
        if (contents.faultCount() > 0) {
            var shown = new StringBuilder();
            contents.faults().stream()
                    .limit(5)
                    .forEach(fault -> shown.append("\n  ")
                            .append(file)
                            .append(':')
                            .append(fault.line())
                            .append(' ')
                            .append(fault.detail()));
            throw new CommandFailure(
                    ExitCode.USAGE,
                    "the data set must be whole: " + contents.faultCount() + " lines are broken" + shown);
        }
        var usual = contents.choices() ? "choice" : Graders.math().id();
        return new DataSet(
                name,
                contents.sha256(),
                Stream.of(Optional.ofNullable(asked), Optional.ofNullable(grader))
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElse(usual),
                systemPrompt,
                contents.items(),
                extraction);
    }
}
