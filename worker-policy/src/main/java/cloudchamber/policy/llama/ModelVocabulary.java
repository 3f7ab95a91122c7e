package cloudchamber.policy.llama;

import cloudchamber.engine.Model;
import cloudchamber.engine.Tokens;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.worker.remote.Vocabulary;
import java.util.List;

/** The vocabulary of a model file; its weights are mapped, never read. */
public final class ModelVocabulary implements Vocabulary {
    private final Model model;

    /**
     * @param model closed with this
     */
    public ModelVocabulary(Model model) {
        this.model = model;
    }

    @Override
    public List<Integer> encode(RenderedPrompt prompt) {
        return model.tokenizer().encode(prompt).toList();
    }

    @Override
    public List<Integer> encode(String text) {
        return model.tokenizer().encode(text).toList();
    }

    @Override
    public String decode(List<Integer> tokens) {
        return model.tokenizer().decode(Tokens.of(tokens));
    }

    @Override
    public void close() {
        model.close();
    }
}
