package io.vireo.harness.guests;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The root folder that a guest boots from, a new one for each. */
final class GuestRoot {
    private static final String EXECUTABLE = "rwxr-xr-x";
    /** The second lists a guest's vsock sockets, as {@code ss --vsock} does. */
    private static final List<String> VSOCK_MODULES = List.of("vmw_vsock_virtio_transport", "vsock_diag");

    private GuestRoot() {}

    /**
     * Fills a folder with busybox, {@code init}, its agent, the DHCP clients' scripts, the modules and the programs.
     *
     * @param folder is created
     */
    static void create(Path folder, GuestConfig config, KernelModules modules, List<String> moduleNames)
            throws IOException {
        List<String> wanted = new ArrayList<>(moduleNames);
        config.vsock().ifPresent(socket -> wanted.addAll(VSOCK_MODULES));
        for (String name : List.of("bin", "dev", "etc/udhcpc", "lib/modules", "proc", "run", "sys", "tmp")) {
            Files.createDirectories(folder.resolve(name));
        }
        installBusybox(folder.resolve("bin"));
        install("init", folder.resolve("init"));
        install("agent", folder.resolve("bin/agent"));
        install("dhcp", folder.resolve("bin/dhcp"));
        install("dhcp6", folder.resolve("bin/dhcp6"));
        install("ipv6", folder.resolve("bin/ipv6"));
        install("udhcpc.script", folder.resolve("etc/udhcpc/default.script"));
        install("dhclient.script", folder.resolve("etc/dhclient.script"));
        Files.createSymbolicLink(folder.resolve("etc/resolv.conf"), Path.of("/run/resolv.conf"));
        Files.write(folder.resolve("etc/modules"), modules.copy(wanted, folder.resolve("lib/modules")));
        Files.writeString(folder.resolve("etc/links"), links(config.links()));
        Files.writeString(folder.resolve("etc/start"), config.script() + "\n");
        for (GuestConfig.Program program : config.programs()) {
            installProgram(folder, Host.program(program.name(), program.debianPackage()));
        }
    }

    private static void installBusybox(Path bin) throws IOException {
        Path busybox = Host.program("busybox", "busybox-static");
        if (!Host.libraries(busybox).isEmpty()) {
            throw Host.missing("a static busybox", "busybox-static");
        }
        Files.copy(busybox, bin.resolve("busybox"));
        String applets = Host.run(List.of(busybox.toString(), "--list")).text();
        for (String applet : applets.lines().toList()) {
            if (!applet.equals("busybox")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("/bin/busybox"));
            }
        }
    }

    /** Copies a program to {@code /usr/bin} and its libraries to where its loader looks for them. */
    private static void installProgram(Path root, Path program) throws IOException {
        Path bin = Files.createDirectories(root.resolve("usr/bin"));
        Files.copy(program, bin.resolve(program.getFileName()));
        for (Path library : Host.libraries(program)) {
            Path copy = root.resolve(library.toString().substring(1));
            if (!Files.exists(copy)) {
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(library, copy);
            }
        }
    }

    private static String links(List<GuestConfig.Link> links) {
        return IntStream.range(0, links.size())
                .boxed()
                .flatMap(i -> links.get(i).mac().map(mac -> "eth" + i + " " + mac + "\n").stream())
                .collect(Collectors.joining());
    }

    /** Writes a resource of this package as an executable file. */
    private static void install(String resource, Path file) throws IOException {
        copyResource(resource, file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(EXECUTABLE));
    }

    static void copyResource(String resource, Path file) throws IOException {
        try (InputStream in = GuestRoot.class.getResourceAsStream(resource)) {
            Files.copy(Objects.requireNonNull(in, resource), file);
        }
    }
}
