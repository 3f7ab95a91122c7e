package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import cloudchamber.protocol.model.FiniteLanguage;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reads a {@link FiniteLanguage} from its JSON file. */
public final class LanguageFile {
    private LanguageFile() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = HmmFile.class, name = "hmm"),
        @JsonSubTypes.Type(value = TreeFile.class, name = "tree")
    })
    private sealed interface File {
        FiniteLanguage language();
    }

    private record HmmFile(List<Double> initial, List<List<Double>> transition, List<Double> reward, int steps)
            implements File {
        @Override
        public FiniteLanguage language() {
            return new FiniteLanguage.Hmm(initial, transition, reward, steps);
        }
    }

    private record NodeFile(
            String id,
            String parent,
            double p,
            double reward,
            @JsonProperty("final") boolean last) {}

    private record TreeFile(List<NodeFile> nodes) implements File {
        @Override
        public FiniteLanguage language() {
            return new FiniteLanguage.Tree(nodes.stream()
                    .map(node ->
                            new FiniteLanguage.TreeNode(node.id(), node.parent(), node.p(), node.reward(), node.last()))
                    .toList());
        }
    }

    /** A language and the bytes that define it. */
    public record Defined(FiniteLanguage language, byte[] definition) {}

    public static Defined read(Path file) {
        try {
            var bytes = Files.readAllBytes(file);
            return new Defined(parse(new String(bytes, StandardCharsets.UTF_8), file), bytes);
        } catch (IOException unreadable) {
            throw CommandFailure.unavailable("the language file must be readable: " + unreadable);
        }
    }

    private static FiniteLanguage parse(String json, Path file) {
        var mapper = new ObjectMapper()
                .enable(
                        DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                        DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
        try {
            return mapper.readValue(json, File.class).language();
        } catch (JsonProcessingException malformed) {
            throw new CommandFailure(
                    ExitCode.USAGE,
                    file + " is not a finite language: " + malformed.getOriginalMessage() + where(malformed));
        } catch (IllegalArgumentException inconsistent) {
            throw new CommandFailure(ExitCode.USAGE, file + " is not a finite language: " + inconsistent.getMessage());
        }
    }

    private static String where(JsonProcessingException malformed) {
        var location = malformed.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }
}
