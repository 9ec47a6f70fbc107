package io.vireo.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The inputs of a target that are kept: a line each, in hexadecimal, in the file {@code NAME.hex}. Lines that begin with
 * {@code #} are for people.
 */
final class Corpus {
    private static final HexFormat HEX = HexFormat.of();
    private static final Comparator<byte[]> SHORTEST_FIRST =
            Comparator.<byte[]>comparingInt(input -> input.length).thenComparing(Arrays::compareUnsigned);

    private final Path file;

    /** Of the target {@code name}; there may be no file yet. */
    Corpus(Path folder, String name) {
        file = folder.resolve(name + ".hex");
    }

    List<byte[]> read() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> !line.startsWith("#"))
                    .map(HEX::parseHex)
                    .toList();
        }
    }

    /** Replaces all inputs; comments at the file's beginning stay. */
    void write(List<byte[]> inputs) throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.exists(file)) {
            try (Stream<String> old = Files.lines(file)) {
                old.takeWhile(line -> line.startsWith("#")).forEach(lines::add);
            }
        }
        inputs.stream().sorted(SHORTEST_FIRST).map(HEX::formatHex).forEach(lines::add);
        Files.write(file, lines);
    }

    /** Writes inputs as a file each, as Jazzer wants them, into a new folder. */
    static void unpack(List<byte[]> inputs, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(folder.resolve("input-" + i), inputs.get(i));
        }
    }

    /** The contents of all files of a folder. */
    static List<byte[]> pack(Path folder) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }
}
