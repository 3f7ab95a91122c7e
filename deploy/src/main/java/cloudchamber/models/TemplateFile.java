package cloudchamber.models;

import cloudchamber.prompt.ChatTemplate;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A chat template in a file: the template itself, or a tokenizer's configuration ({@code tokenizer_config.json}). */
final class TemplateFile {
    static final String PREFIX = "file:";
    private static final ObjectMapper JSON = new ObjectMapper();

    private TemplateFile() {}

    /**
     * The template that a setting names.
     *
     * @param setting {@value #PREFIX} and a path; beside a template without tokens, a {@code tokenizer_config.json} in
     *     its folder says how the first and the last token are spelled
     * @throws IllegalArgumentException if the file cannot be read, or holds no template that can be rendered
     */
    static ChatTemplate read(String setting) {
        var file = Path.of(setting.substring(PREFIX.length()));
        try {
            boolean configures = file.toString().endsWith(".json");
            var tokens = configures ? file : file.resolveSibling("tokenizer_config.json");
            var configuration = Files.isReadable(tokens) ? JSON.readTree(Files.readString(tokens)) : JSON.nullNode();
            var source = configures ? configuration.path("chat_template") : null;
            if (configures && !source.isTextual()) {
                throw new IllegalArgumentException(
                        "[" + file + "] must have a text chat_template: was " + source.getNodeType());
            }
            return ChatTemplate.own(
                    configures ? source.asText() : Files.readString(file),
                    token(configuration.path("bos_token")),
                    token(configuration.path("eos_token")));
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException("[" + file + "] must be JSON: " + malformed.getOriginalMessage());
        } catch (IOException unreadable) {
            throw new IllegalArgumentException("the template [" + file + "] must be readable: " + unreadable);
        }
    }

    /** A token's spelling, which stands by itself or in an object. */
    private static String token(JsonNode node) {
        return node.isObject() ? node.path("content").asText() : node.isTextual() ? node.asText() : "";
    }
}
