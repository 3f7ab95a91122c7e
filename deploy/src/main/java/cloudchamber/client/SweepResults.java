package cloudchamber.client;

import cloudchamber.console.CommandFailure;
import cloudchamber.console.ExitCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The file of results, which only grows: one line for each problem and cell. A last line that a crash cut short is cut
 * off when the file is opened again; what it was to say is written anew.
 */
public final class SweepResults implements AutoCloseable {

    /** What no two lines share. */
    record Key(String cell, String problem) {}

    private final FileChannel channel;
    private final Set<Key> keys = new LinkedHashSet<>();
    private final List<JsonNode> lines = new ArrayList<>();
    private final int cutBytes;

    private SweepResults(FileChannel channel, int cutBytes) {
        this.channel = channel;
        this.cutBytes = cutBytes;
    }

    /** @throws CommandFailure if a line before the last is broken, or a problem of a cell stands twice */
    public static SweepResults open(Path file) {
        try {
            var channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw CommandFailure.unavailable(file + " must be written by one sweep at a time: another has it open");
            }
            var bytes = Files.readAllBytes(file);
            int whole = bytes.length;
            while (whole > 0 && bytes[whole - 1] != '\n') {
                whole--;
            }
            var results = new SweepResults(channel, bytes.length - whole);
            channel.truncate(whole);
            channel.position(whole);
            int number = 1;
            for (var line :
                    new String(bytes, 0, whole, StandardCharsets.UTF_8).lines().toList()) {
                results.take(file, number++, line);
            }
            return results;
        } catch (IOException failed) {
            throw CommandFailure.unavailable("the results must be readable and writable: " + failed);
        }
    }

    private void take(Path file, int number, String line) {
        try {
            var json = ApiClient.JSON.readTree(line);
            if (!json.path("cell").isTextual() || !json.path("problem").isTextual() || !keys.add(key(json))) {
                throw new CommandFailure(
                        ExitCode.USAGE,
                        file + ":" + number + " must be of a cell and a problem that stand nowhere else");
            }
            lines.add(json);
        } catch (JsonProcessingException broken) {
            throw new CommandFailure(
                    ExitCode.USAGE, file + ":" + number + " must be JSON: " + broken.getOriginalMessage());
        }
    }

    private static Key key(JsonNode line) {
        return new Key(line.path("cell").asText(), line.path("problem").asText());
    }

    /** How many bytes of a torn line were cut off. */
    public int cutBytes() {
        return cutBytes;
    }

    boolean has(String cell, String problem) {
        return keys.contains(new Key(cell, problem));
    }

    /** All lines, in the order written. */
    public List<JsonNode> lines() {
        return List.copyOf(lines);
    }

    int size() {
        return lines.size();
    }

    /** Writes a line, unless its problem and cell have one. */
    void append(JsonNode line) {
        if (!keys.add(key(line))) {
            return;
        }
        lines.add(line);
        try {
            var bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** Forces what was written to the disk. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        try {
            channel.force(true);
            channel.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
