package cloudchamber.engine.library;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The library to use.
 *
 * @param folder that holds it; empty: the one on the class path
 * @param reason why this one, as a clause
 */
public record LibraryLocation(Optional<Path> folder, String reason) {

    /** Finds the library that is asked for; whether it can be used is another question. */
    public static LibraryLocation of(LibraryChoice choice, InstalledLibraries installed) {
        return switch (choice.source()) {
            case LibraryChoice.Source.Bundled() ->
                new LibraryLocation(Optional.empty(), "the bundled one was asked for");
            case LibraryChoice.Source.Folder(Path folder) ->
                new LibraryLocation(Optional.of(folder), "this folder was asked for");
            case LibraryChoice.Source.Automatic() -> automatic(choice.gpuLayers() > 0, installed);
        };
    }

    private static LibraryLocation automatic(boolean gpu, InstalledLibraries installed) {
        var wanted = gpu
                ? List.of(LibraryPackage.CUDA, LibraryPackage.VULKAN)
                : List.of(LibraryPackage.CPU, LibraryPackage.CUDA, LibraryPackage.VULKAN);
        for (var one : wanted) {
            var folder = installed.find(one);
            if (folder.isPresent()) {
                return new LibraryLocation(folder, "the package [" + one.id() + "] is installed");
            }
        }
        return new LibraryLocation(
                Optional.empty(), gpu ? "no package with GPU kernels is installed" : "no other is installed");
    }
}
