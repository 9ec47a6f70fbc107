package io.vireo.harness.guests;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * The modules of one kernel, as depmod(8) describes them: {@code modules.dep} has a line for each, with what it needs, the
 * last needed first; {@code modules.builtin} names those that are part of the kernel.
 */
final class KernelModules {
    private static final String SUFFIXES = "\\.ko(\\.xz|\\.gz|\\.zst)?$";

    private final Path folder;
    private final Map<String, List<String>> dependencies = new LinkedHashMap<>();
    private final Set<String> builtIn;

    KernelModules(Path folder) throws IOException {
        this.folder = folder;
        for (String line : Files.readAllLines(folder.resolve("modules.dep"))) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                List<String> files = new ArrayList<>(List.of(line.substring(0, colon)));
                Stream.of(line.substring(colon + 1).split(" ", -1))
                        .filter(file -> !file.isEmpty())
                        .forEach(files::add);
                dependencies.put(name(files.getFirst()), files.reversed());
            }
        }
        try (Stream<String> lines = Files.lines(folder.resolve("modules.builtin"))) {
            builtIn = lines.map(KernelModules::name).collect(Collectors.toSet());
        }
    }

    /**
     * Copies these modules and all they need into a folder, uncompressed.
     *
     * @return the copies' file names in the order in which to load them
     * @throws GuestException for a module that this kernel does not have
     */
    List<String> copy(List<String> names, Path to) throws IOException {
        Set<String> files = new LinkedHashSet<>();
        for (String name : names) {
            List<String> needed = dependencies.get(name);
            if (needed != null) {
                files.addAll(needed);
            } else if (!builtIn.contains(name)) {
                throw new GuestException("the kernel of " + folder + " has no module " + name);
            }
        }
        List<String> copies = new ArrayList<>();
        for (String file : files) {
            String copy = name(file) + ".ko";
            Files.write(to.resolve(copy), uncompressed(folder.resolve(file)));
            copies.add(copy);
        }
        return copies;
    }

    private static byte[] uncompressed(Path module) throws IOException {
        String file = module.toString();
        if (file.endsWith(".ko")) {
            return Files.readAllBytes(module);
        }
        if (file.endsWith(".gz")) {
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(module)))) {
                return in.readAllBytes();
            }
        }
        List<String> command = file.endsWith(".xz")
                ? List.of(Host.program("xz", "xz-utils").toString(), "-dc", file)
                : List.of(Host.program("zstd", "zstd").toString(), "-dcq", file);
        Host.Output output = Host.run(command);
        if (output.status() != 0) {
            throw new GuestException(module + " cannot be uncompressed: " + output.text());
        }
        return output.bytes();
    }

    /** Files are named with hyphens or underscores, whichever their authors liked; modules with underscores. */
    private static String name(String file) {
        return file.substring(file.lastIndexOf('/') + 1)
                .replaceFirst(SUFFIXES, "")
                .replace('-', '_');
    }
}
