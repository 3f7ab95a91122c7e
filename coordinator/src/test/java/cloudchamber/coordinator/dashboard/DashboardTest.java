package cloudchamber.coordinator.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DashboardTest {
    private static final Pattern REFERENCE = Pattern.compile("[\"'](/dashboard/[^\"']+)[\"']");

    @Test
    void everyFileOfTheFolderIsServedButTheLicences() throws IOException, URISyntaxException {
        var folder = Path.of(Dashboard.class.getResource("index.html").toURI()).getParent();
        try (var files = Files.walk(folder)) {
            var served = files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString().replace('\\', '/'))
                    .filter(path -> !path.endsWith(".LICENSE") && !path.endsWith(".md") && !path.endsWith(".txt"))
                    .filter(path -> !path.endsWith(".class"))
                    .map(path -> path.equals("index.html") ? "/" : "/dashboard/" + path)
                    .toList();

            assertThat(Dashboard.files().stream().map(Dashboard.File::path))
                    .containsExactlyInAnyOrderElementsOf(served);
        }
    }

    @Test
    void everyFileThatIsReferredToIsThere() {
        var files = Dashboard.files();
        var paths = files.stream().map(Dashboard.File::path).toList();

        for (var file : files) {
            if (!file.path().contains("/vendor/")) {
                var references = REFERENCE
                        .matcher(new String(file.bytes(), StandardCharsets.UTF_8))
                        .results();
                assertThat(references.map(found -> found.group(1)))
                        .as(file.path())
                        .allSatisfy(reference -> assertThat(paths).contains(reference));
            }
        }
    }

    @Test
    void everyFileHasATypeAndAnETag() {
        assertThat(Dashboard.files()).allSatisfy(file -> {
            assertThat(file.contentType()).as(file.path()).isNotNull();
            assertThat(file.etag()).matches("\"[0-9a-f]{32}\"");
        });
    }

    /** Text of models must not become HTML anywhere in the page's own code. */
    @Test
    void noCodeOfOursMakesHtmlOfText() {
        assertThat(Dashboard.files())
                .filteredOn(file -> !file.path().contains("/vendor/"))
                .allSatisfy(file -> assertThat(new String(file.bytes(), StandardCharsets.UTF_8))
                        .as(file.path())
                        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "dangerouslySetInnerHTML")
                        .doesNotContain("document.write", "eval(", "new Function"));
    }
}
