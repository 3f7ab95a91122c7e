package cloudchamber.prompt;

import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.prompt.jinja.JinjaException;
import cloudchamber.prompt.jinja.JinjaTemplate;
import cloudchamber.prompt.jinja.Text;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The template that a model's file or tokenizer carries, in Jinja.
 *
 * @param id {@code own:} and the beginning of the source's SHA-256
 * @param beginning the spelling of the token that begins a text; empty for none
 * @param end the spelling of the token that ends one; empty for none
 */
record OwnTemplate(String id, JinjaTemplate template, String beginning, String end) implements ChatTemplate {
    /*
     * A template that tells the model the date of the request would write another prompt tomorrow: it is told this
     * day, the one that Llama's makers give.
     */
    private static final LocalDate DAY = LocalDate.of(2024, 7, 26);
    private static final int ID_LENGTH = 12;
    private static final Pattern CONTROL_LIKE = Pattern.compile("<\\|[^|<>\\s]{1,60}\\|>|<｜[^｜<>\\s]{1,60}｜>"
            + "|<\\|?[a-z]{1,20}(?:[_:][a-z]{1,20}){0,4}\\|?>|</[a-z]{1,20}(?:[_:][a-z]{1,20}){0,4}>"
            + "|\\[/?[A-Z][A-Z_]{1,30}]");

    /**
     * Reads a template, and tries it on a question.
     *
     * @throws IllegalArgumentException if it has what is not known; the message names it and the line
     */
    static OwnTemplate of(String source, String beginning, String end) {
        try {
            var own = new OwnTemplate("own:" + hash(source), JinjaTemplate.parse(source), beginning, end);
            own.text(Prompt.question("1 + 1?"));
            return own;
        } catch (JinjaException unknown) {
            throw new IllegalArgumentException("the model's own chat template must be one that can be rendered: "
                    + unknown.getMessage() + "; name another one " + ChatTemplate.ids());
        }
    }

    private static String hash(String source) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, ID_LENGTH);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public boolean takesArguments() {
        return true;
    }

    @Override
    public RenderedPrompt render(Prompt prompt) {
        try {
            return new RenderedPrompt(parts(text(prompt)));
        } catch (JinjaException refused) {
            throw new IllegalArgumentException("the model's chat template cannot render this: " + refused.getMessage());
        }
    }

    private Text text(Prompt prompt) {
        var variables = new HashMap<String, Object>();
        if (prompt.templateArguments() != null) {
            variables.putAll(JinjaTemplate.object(prompt.templateArguments()));
        }
        variables.put(
                "messages", prompt.messages().stream().map(OwnTemplate::value).toList());
        variables.put("add_generation_prompt", true);
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put("bos_token", Text.of(beginning));
        variables.put("eos_token", Text.of(end));
        return template.render(variables, DAY);
    }

    private static Map<String, Object> value(Message message) {
        var value = new LinkedHashMap<String, Object>();
        value.put("role", Text.of(message.role().name().toLowerCase(Locale.ROOT)));
        value.put("content", Text.input(message.content()));
        return value;
    }

    /** Control tokens are those that the template spells; what the input spells stays text. */
    private List<Part> parts(Text text) {
        var parts = new ArrayList<Part>();
        var plain = new StringBuilder();
        for (var run : text.runs()) {
            var rest = run.text();
            if (run.input()) {
                plain.append(rest);
                continue;
            }
            if (parts.isEmpty() && plain.isEmpty() && !beginning.isEmpty() && rest.startsWith(beginning)) {
                parts.add(new Beginning());
                rest = rest.substring(beginning.length());
            }
            int at = 0;
            for (var control = CONTROL_LIKE.matcher(rest); control.find(); at = control.end()) {
                plain.append(rest, at, control.start());
                flush(parts, plain);
                parts.add(new Control(control.group()));
            }
            plain.append(rest, at, rest.length());
        }
        flush(parts, plain);
        return parts;
    }

    private static void flush(List<Part> parts, StringBuilder plain) {
        if (!plain.isEmpty()) {
            parts.add(new Plain(plain.toString()));
            plain.setLength(0);
        }
    }
}
