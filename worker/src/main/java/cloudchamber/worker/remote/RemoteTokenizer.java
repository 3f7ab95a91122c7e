package cloudchamber.worker.remote;

import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** A server's tokenizer, asked over HTTP; what was asked lately is remembered. */
public final class RemoteTokenizer implements Vocabulary {
    /*
     * [1] vLLM and SGLang read the spelling of a control token as that token wherever it stands. A prompt is one
     *     request as long as nobody wrote such a spelling into a question. Where somebody did, the prompt is
     *     tokenised in pieces, and the spelling in two halves: the text stays what it was, and no turn is forged.
     */
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int REMEMBERED = 2048;
    private static final Pattern CONTROL_LIKE =
            Pattern.compile("<\\|[^|<>\\s]{1,40}\\|>|</?s>|\\[/?INST]|\\[/?SYSTEM_PROMPT]|<extra_[0-9]+>");

    /** How a server is asked. */
    public enum Dialect {
        /** vLLM, SGLang: {@code {"prompt"} → {"tokens"}}. */
        VLLM,
        /** llama-server: {@code {"content"} → {"tokens"}}, control tokens recognised where asked. */
        LLAMA_SERVER
    }

    private final HttpEndpoint endpoint;
    private final Dialect dialect;
    private final String model;
    private final Map<RenderedPrompt, List<Integer>> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<RenderedPrompt, List<Integer>> eldest) {
            return size() > REMEMBERED;
        }
    };
    private final Map<Integer, String> pieces = new ConcurrentHashMap<>();

    /**
     * @param model as the server names it
     */
    public RemoteTokenizer(HttpEndpoint endpoint, Dialect dialect, String model) {
        this.endpoint = endpoint;
        this.dialect = dialect;
        this.model = model;
    }

    @Override
    public List<Integer> encode(RenderedPrompt prompt) throws InterruptedException {
        synchronized (remembered) {
            var known = remembered.get(prompt);
            if (known != null) {
                return known;
            }
        }
        var tokens = switch (dialect) {
            case VLLM -> forgesNothing(prompt) ? whole(prompt) : piecewise(prompt);
            case LLAMA_SERVER -> piecewise(prompt);
        };
        synchronized (remembered) {
            remembered.put(prompt, tokens);
        }
        return tokens;
    }

    @Override
    public List<Integer> encode(String text) throws InterruptedException {
        return encode(new RenderedPrompt(List.of(new Plain(text))));
    }

    /** The text of one token. */
    public String text(int token) throws InterruptedException {
        var known = pieces.get(token);
        if (known == null) {
            known = decode(List.of(token));
            pieces.put(token, known);
        }
        return known;
    }

    @Override
    public String decode(List<Integer> tokens) throws InterruptedException {
        var body = body();
        var ids = body.putArray("tokens");
        tokens.forEach(ids::add);
        var text = endpoint.post("/detokenize", body, LIMIT).path(dialect == Dialect.VLLM ? "prompt" : "content");
        if (!text.isTextual()) {
            throw RemoteTrouble.invalid("a tokenizer must answer a text: was " + text.getNodeType());
        }
        return text.asText();
    }

    /** Whether no plain part has the spelling of a control token. */
    public static boolean forgesNothing(RenderedPrompt prompt) {
        var spellings = spellings(prompt);
        return prompt.parts().stream()
                .filter(Plain.class::isInstance)
                .map(Part::text)
                .noneMatch(text ->
                        CONTROL_LIKE.matcher(text).find() || spellings.stream().anyMatch(text::contains));
    }

    private static List<String> spellings(RenderedPrompt prompt) {
        return prompt.parts().stream()
                .filter(Control.class::isInstance)
                .map(Part::text)
                .distinct()
                .toList();
    }

    private List<Integer> whole(RenderedPrompt prompt) throws InterruptedException {
        boolean begins = !prompt.parts().isEmpty() && prompt.parts().getFirst() instanceof Beginning;
        return ask(prompt.text(), begins, true);
    }

    private List<Integer> piecewise(RenderedPrompt prompt) throws InterruptedException {
        var spellings = spellings(prompt);
        var tokens = new ArrayList<Integer>();
        for (var part : prompt.parts()) {
            switch (part) {
                case Beginning begins -> tokens.addAll(ask("", true, false));
                case Control(String text) -> tokens.addAll(ask(text, false, true));
                case Plain(String text) -> {
                    for (var piece : dialect == Dialect.VLLM ? harmless(text, spellings) : List.of(text)) {
                        tokens.addAll(ask(piece, false, false));
                    }
                }
            }
        }
        return List.copyOf(tokens);
    }

    /** A text in pieces none of which has the spelling of a control token. See [1]. */
    static List<String> harmless(String text, List<String> spellings) {
        var pattern = new StringBuilder(CONTROL_LIKE.pattern());
        spellings.stream()
                .filter(spelling -> !spelling.isEmpty())
                .forEach(spelling -> pattern.append('|').append(Pattern.quote(spelling)));
        var pieces = new ArrayList<String>();
        var matcher = Pattern.compile(pattern.toString()).matcher(text);
        int from = 0;
        while (matcher.find()) {
            int half = (matcher.start() + matcher.end()) / 2;
            pieces.add(text.substring(from, half));
            from = half;
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    private List<Integer> ask(String text, boolean addBeginning, boolean controls) throws InterruptedException {
        if (text.isEmpty() && !addBeginning) {
            return List.of();
        }
        var body = body();
        switch (dialect) {
            case VLLM -> body.put("prompt", text).put("add_special_tokens", addBeginning);
            case LLAMA_SERVER ->
                body.put("content", text).put("add_special", addBeginning).put("parse_special", controls);
        }
        return ids(endpoint.post("/tokenize", body, LIMIT).path("tokens"));
    }

    private ObjectNode body() {
        var body = HttpEndpoint.JSON.createObjectNode();
        return dialect == Dialect.VLLM ? body.put("model", model) : body;
    }

    /** The token ids of a JSON array. */
    public static List<Integer> ids(JsonNode array) {
        if (!array.isArray()) {
            throw RemoteTrouble.invalid("token ids must be an array: was " + array.getNodeType());
        }
        var ids = new ArrayList<Integer>(array.size());
        for (var id : array) {
            if (!id.canConvertToInt() || !id.isIntegralNumber() || id.asInt() < 0) {
                throw RemoteTrouble.invalid("a token id must be a whole number from 0: was " + id);
            }
            ids.add(id.asInt());
        }
        return List.copyOf(ids);
    }

    /** Closes the endpoint. */
    @Override
    public void close() {
        endpoint.close();
    }
}
