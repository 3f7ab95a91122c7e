package cloudchamber.worker.remote;

import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Beginning;
import java.util.ArrayList;
import java.util.List;

/** The toy model's vocabulary, in this process. */
public final class ToyVocabulary implements Vocabulary {
    @Override
    public List<Integer> encode(RenderedPrompt prompt) {
        var tokens = new ArrayList<Integer>();
        if (!prompt.parts().isEmpty() && prompt.parts().getFirst() instanceof Beginning) {
            tokens.add(ToyModel.BEGINNING);
        }
        tokens.addAll(ToyModel.tokens(prompt.text()));
        return tokens;
    }

    @Override
    public List<Integer> encode(String text) {
        return ToyModel.tokens(text);
    }

    @Override
    public String decode(List<Integer> tokens) {
        return ToyModel.text(tokens);
    }

    @Override
    public void close() {}
}
