package cloudchamber.prompt.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The templates as the model makers publish them, byte for byte, against the rendering of transformers. {@code
 * goldens.py} beside the goldens wrote these; the system property {@code chat.templates} names another folder with
 * templates and a {@code goldens.json} of its own.
 */
class PublishedTemplatesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/cloudchamber/prompt");

    record Golden(String name, String source, Map<String, Object> variables, LocalDate day, JsonNode expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> renderings() throws IOException {
        var other = System.getProperty("chat.templates");
        return (other == null
                        ? goldens(GOLDENS.resolve("goldens.json"), GOLDENS.resolve("templates"))
                        : goldens(Path.of(other, "goldens.json"), Path.of(other)))
                .stream().map(Arguments::of);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("renderings")
    void aRenderingIsThatOfTheReference(Golden golden) {
        if (golden.expected().has("text")) {
            var rendered = JinjaTemplate.parse(golden.source()).render(golden.variables(), golden.day());
            assertThat(finished(rendered, golden.expected()))
                    .isEqualTo(golden.expected().get("text").asText());
        } else {
            assertThatThrownBy(() -> JinjaTemplate.parse(golden.source()).render(golden.variables(), golden.day()))
                    .isInstanceOf(JinjaException.class);
        }
    }

    /** A partial answer ends where it was cut, as the reference's {@code continue_final_message} has it. */
    private static String finished(Text rendered, JsonNode expected) {
        var text = rendered.value();
        if (!expected.get("conversation").asText().startsWith("continued")) {
            return text;
        }
        int tag = text.lastIndexOf(CUT.strip());
        return text.startsWith(CUT, tag)
                ? text.substring(0, tag)
                : text.substring(0, tag).stripTrailing();
    }

    private static final String CUT = "CONTINUE_FINAL_MESSAGE_TAG ";

    @ParameterizedTest(name = "{0}")
    @MethodSource("copies")
    void aTemplateIsTheOneThatWasPublished(Path file, String sha256) throws IOException, NoSuchAlgorithmException {
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))))
                .isEqualTo(sha256);
    }

    static Stream<Arguments> copies() throws IOException {
        var templates = new ObjectMapper()
                .readTree(GOLDENS.resolve("goldens.json").toFile())
                .get("templates");
        return elements(templates)
                .filter(template -> template.get("copied").asBoolean())
                .map(template -> Arguments.of(
                        GOLDENS.resolve("templates")
                                .resolve(template.get("file").asText()),
                        template.get("sha256").asText()));
    }

    private static List<Golden> goldens(Path file, Path folder) throws IOException {
        var root = new ObjectMapper().readTree(file.toFile());
        var goldens = new ArrayList<Golden>();
        for (var template : root.get("templates")) {
            if (!template.get("copied").asBoolean()) {
                continue;
            }
            var source = Files.readString(folder.resolve(template.get("file").asText()));
            for (var one : template.get("cases")) {
                var variables = new HashMap<String, Object>();
                variables.putAll(values(template.get("variables")));
                variables.putAll(values(one.get("arguments")));
                var conversation = one.get("conversation").asText();
                boolean continued = conversation.startsWith("continued");
                variables.put("messages", messages(root.get("conversations").get(conversation), continued));
                variables.put("add_generation_prompt", !continued);
                variables.put("tools", null);
                variables.put("documents", null);
                goldens.add(new Golden(
                        template.get("name").asText() + " " + conversation + " " + one.get("arguments"),
                        source,
                        variables,
                        LocalDate.parse(root.get("day").asText()),
                        one));
            }
        }
        return goldens;
    }

    private static List<Object> messages(JsonNode conversation, boolean continued) {
        var messages = new ArrayList<Object>();
        for (var message : conversation) {
            boolean cut = continued && messages.size() == conversation.size() - 1;
            var entries = new LinkedHashMap<String, Object>();
            entries.put("role", Text.of(message.get("role").asText()));
            entries.put("content", Text.input(message.get("content").asText() + (cut ? CUT : "")));
            messages.add(entries);
        }
        return messages;
    }

    private static Map<String, Object> values(JsonNode object) {
        var values = new HashMap<String, Object>();
        object.properties()
                .forEach(entry -> values.put(
                        entry.getKey(),
                        entry.getValue().isBoolean()
                                ? (Object) entry.getValue().asBoolean()
                                : Text.of(entry.getValue().asText())));
        return values;
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
