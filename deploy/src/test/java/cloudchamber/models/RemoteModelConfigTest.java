package cloudchamber.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.cli.Program;
import cloudchamber.console.CommandFailure;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteModelConfigTest {
    @Test
    void wordSaysWhatAFileWould() {
        var model = RemoteModelConfig.find(
                        "vllm:http://127.0.0.1:8000/base?template=qwen2.5-math&slots=7&token-timeout=2s")
                .orElseThrow();

        assertThat(model.kind()).isEqualTo("vllm");
        assertThat(model.name()).isEqualTo("vllm");
        assertThat(model.settings().url()).hasToString("http://127.0.0.1:8000/base");
        assertThat(model.settings().slots()).isEqualTo(7);
        assertThat(model.settings().tokenTimeout()).hasSeconds(2);
        assertThat(model.text("template", "")).isEqualTo("qwen2.5-math");
    }

    @Test
    void jobsAskForANameAndNeverForAnAddress() {
        assertThat(RemoteModelConfig.announced("vllm:http://127.0.0.1:8000?template=chatml"))
                .isEqualTo("vllm");
        assertThat(RemoteModelConfig.announced("vllm:http://127.0.0.1:8000?name=mine&template=chatml"))
                .isEqualTo("mine");
        assertThat(RemoteModelConfig.announced("judge:smollm2-135m")).isEqualTo("judge:smollm2-135m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bundled", "judge:smollm2-135m", "simulated:file.json", "some:thing"})
    void otherNamesAreNotOfServers(String name) {
        assertThat(RemoteModelConfig.find(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "vllm:http://127.0.0.1:8000?slot=7",
                "vllm:http://127.0.0.1:8000?slots=none",
                "vllm:http://127.0.0.1:8000?slots=0",
                "vllm:http://user:word@127.0.0.1:8000",
                "vllm:http://127.0.0.1:8000?api-key=word",
                "vllm:http://127.0.0.1:8000?template"
            })
    void wrongSettingsAreSaidAndNoSecretIsRepeated(String name) {
        assertThatThrownBy(() -> RemoteModelConfig.find(name))
                .isInstanceOf(CommandFailure.class)
                .hasMessageNotContaining("word");
    }

    static Stream<Path> examples() throws IOException {
        try (var files = Files.list(Program.REPOSITORY.resolve("deploy/examples/servers"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyExampleIsUnderstoodAndNamesKindsThatExist(Path file) {
        var configuration = ConfigFactory.parseFile(file.toFile()).resolve();
        var names = configuration.getConfig("cloudchamber.models").root().keySet();

        assertThat(names).isNotEmpty().allSatisfy(name -> {
            var model = RemoteModelConfig.entry(configuration, name).orElseThrow();
            if (RemoteModels.POLICY_KINDS.contains(model.kind())
                    && !model.kind().equals("grpc")) {
                RemoteModels.policyDialect(model).close();
            } else {
                RemoteModels.scoreDialect(model).close();
            }
        });
    }
}
