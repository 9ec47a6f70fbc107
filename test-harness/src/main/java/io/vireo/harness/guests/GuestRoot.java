package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's root folder: static busybox with all its applets, the first process, a script that applies DHCP leases, and
 * kernel modules in the order in which they are loaded.
 */
final class GuestRoot {
    private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");

    private final Path folder;

    private GuestRoot(Path folder) {
        this.folder = folder;
    }

    static GuestRoot create(Path folder, Path hostModules, List<String> modules) throws IOException {
        for (String name : List.of("bin", "dev", "proc", "sys", "tmp", "modules", "usr/bin", "usr/share/udhcpc")) {
            Files.createDirectories(folder.resolve(name));
        }
        GuestRoot root = new GuestRoot(folder);
        root.addBusybox();
        HostTools.copyResource("init", folder.resolve("init"), true);
        HostTools.copyResource("udhcpc.script", folder.resolve("usr/share/udhcpc/default.script"), true);
        for (String module : modules) {
            HostTools.copyModule(hostModules, module, folder.resolve("modules/" + module + ".ko"));
        }
        Files.writeString(folder.resolve("modules/order"), String.join("\n", modules) + "\n");
        return root;
    }

    Path folder() {
        return folder;
    }

    private void addBusybox() throws IOException {
        Path busybox = HostTools.program("busybox", "busybox-static");
        Path bin = folder.resolve("bin");
        Files.copy(busybox, bin.resolve("busybox"));
        for (String applet :
                HostTools.run(List.of(busybox.toString(), "--list")).split("\n", -1)) {
            if (!applet.isBlank() && !applet.equals("busybox")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
        }
    }

    /** Adds a program of the host with the libraries it is linked to. */
    void addProgram(String name, String debianPackage) throws IOException {
        Path program = HostTools.program(name, debianPackage);
        Files.copy(program, folder.resolve("usr/bin/" + name));
        Matcher libraries = LIBRARY.matcher(HostTools.run(List.of("ldd", program.toString())));
        while (libraries.find()) {
            Path library = Path.of(libraries.group(1));
            Path copy = folder.resolve(library.toString().substring(1));
            if (!Files.exists(copy)) {
                Files.createDirectories(copy.getParent());
                Files.copy(library, copy);
            }
        }
    }
}
