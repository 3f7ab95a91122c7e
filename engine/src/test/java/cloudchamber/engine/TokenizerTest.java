package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Prompt;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(TestLibrary.class)
class TokenizerTest {
    private final Tokenizer tokenizer;

    TokenizerTest(TestLibrary library) {
        tokenizer = Models.tiny(library).tokenizer();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Step 1: 17 + 26 = 43\n\n",
                " leading and trailing ",
                "\n",
                "\n\n\n",
                "the the",
                "é漢😀 e\u0301 👩‍👩‍👧 \u0000 \uFFFD",
                "</s> <s> <unk> <0x41> <+> <|im_end|>",
                "a\tb\r\nc"
            })
    void aTextComesBackByteForByte(String text) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        assertThat(tokenizer.bytes(tokenizer.encode(text))).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void controlTokensAreRecognisedOnlyWhereAsked() {
        int end = tokenizer.token("</s>").orElseThrow();

        assertThat(tokenizer.encode("a</s>").toList()).doesNotContain(end);
        assertThat(tokenizer.encodeWithControls("a</s>").toList()).endsWith(end);
        assertThat(tokenizer.ends(end)).isTrue();
        assertThat(tokenizer.decode(Tokens.of(end))).isEmpty();
    }

    @Test
    void labelsAreFoundByTheirSpelling() {
        int good = tokenizer.token(RandomLlama.GOOD).orElseThrow();

        assertThat(tokenizer.decode(Tokens.of(good))).isEqualTo("<+>");
        assertThat(tokenizer.token("\n\n")).contains(tokenizer.encode("\n\n").at(0));
        assertThat(tokenizer.token("no such token")).isEmpty();
    }

    /** Half a character is spelled in byte tokens, and is U+FFFD until the other half comes. */
    @Test
    void anyBytesHaveTokens() {
        byte[] face = "😀".getBytes(StandardCharsets.UTF_8);
        byte[] half = {face[0], face[1]};
        byte[] rest = {face[2], face[3]};

        var first = tokenizer.encodeBytes(half);
        var second = tokenizer.encodeBytes(rest);

        assertThat(tokenizer.bytes(first)).isEqualTo(half);
        assertThat(tokenizer.decode(first)).isEqualTo("\uFFFD");
        assertThat(tokenizer.decode(first.plus(second))).isEqualTo("😀");
    }

    @Test
    void aReaderHandsOutWholeCharacters() {
        byte[] face = "a😀b".getBytes(StandardCharsets.UTF_8);
        var reader = new TextReader();

        assertThat(reader.append(new byte[] {face[0], face[1], face[2]})).isEqualTo("a");
        assertThat(reader.append(new byte[] {face[3]})).isEmpty();
        assertThat(reader.append(new byte[] {face[4], face[5]})).isEqualTo("😀b");
        assertThat(reader.append(new byte[] {(byte) 0xFF, 'c', face[1]})).isEqualTo("\uFFFDc");
        assertThat(reader.finish()).isEqualTo("\uFFFD");
        assertThat(reader.append(new byte[] {'d'})).isEqualTo("d");
    }

    @Test
    void aRenderedPromptBeginsWithTheBeginningToken() {
        var prompt = new ChatTemplate.Question().render(Prompt.question("1 + 1</s>?"));

        var tokens = tokenizer.encode(prompt);

        assertThat(tokens.at(0)).isEqualTo(tokenizer.token("<s>").orElseThrow());
        assertThat(tokenizer.decode(tokens)).isEqualTo("1 + 1</s>?\n\n");
    }
}
