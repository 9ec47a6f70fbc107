package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Starts Linux as a program of the host (Documentation/virt/uml in the kernel's source), which needs no KVM and is up in
 * about a second. It is a vhost-user frontend itself. Debian's package is {@code user-mode-linux}.
 */
public final class UserModeLinux {
    private static final String PACKAGE = "user-mode-linux";
    private static final Path MODULES = Path.of("/usr/lib/uml/modules");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Pattern LARGE_STATE = Pattern.compile("^flags\\s*:.*\\bamx_tile\\b", Pattern.MULTILINE);
    /** virtio's device identifier of a network card (virtio 1.2, 5). */
    private static final int NET = 1;
    /** That of a socket device (virtio 1.2, 5.10). */
    private static final int VSOCK = 19;

    private UserModeLinux() {}

    /**
     * Boots a guest and runs its script.
     *
     * @throws GuestException if it does not come up in time, its script fails, or something is not installed
     */
    public static Guest start(GuestConfig config) throws IOException {
        Path kernel = Host.program("linux.uml", PACKAGE);
        KernelModules modules = new KernelModules(moduleFolder());
        Path folder = Files.createTempDirectory("vireo-uml-");
        try {
            Path root = folder.resolve("root");
            GuestRoot.create(root, config, modules, List.of("ipv6", "virtio_net"));
            Map<String, String> environment = environment(folder, config.memoryMebibytes());
            return Guest.start(
                    config.name(), command(kernel, folder, root, config), environment, folder, config.bootTimeout());
        } catch (Throwable e) {
            Guest.deleteTree(folder);
            throw e;
        }
    }

    /** A guest with 256 MiB and iperf3 whose network cards, {@code eth0} first, connect to these sockets. */
    public static Guest boot(String name, Path... sockets) throws IOException {
        GuestConfig config = GuestConfig.of(name).withMemory(256).withIperf3();
        for (Path socket : sockets) {
            config = config.withLink(socket);
        }
        return start(config);
    }

    private static List<String> command(Path kernel, Path folder, Path root, GuestConfig config) throws GuestException {
        List<String> command = new ArrayList<>();
        if (config.cpu().isPresent()) {
            command.add(Host.program("taskset", "util-linux").toString());
            command.addAll(List.of("-c", Integer.toString(config.cpu().getAsInt())));
        }
        if (config.tap().isPresent()) {
            command.add(Host.program("nsenter", "util-linux").toString());
            command.add("--net=" + config.tap().get().namespace());
        }
        command.addAll(List.of(
                kernel.toString(),
                "mem=" + config.memoryMebibytes() + "M",
                "rootfstype=hostfs",
                "root=/dev/root",
                "hostfs=" + root,
                "rw",
                "init=/init",
                "con=null",
                "con0=fd:0,fd:1",
                "quiet",
                "uml_dir=" + folder + "/"));
        config.links().forEach(link -> command.add(virtioDevice(link.socket(), NET)));
        config.vsock().ifPresent(socket -> command.add(virtioDevice(socket, VSOCK)));
        config.tap().map(UserModeLinux::vectorDevice).ifPresent(command::add);
        return command;
    }

    private static String virtioDevice(Path socket, int identifier) {
        return "virtio_uml.device=" + socket.toAbsolutePath() + ":" + identifier;
    }

    /**
     * The kernel's parameter for a card on a tap device (Documentation/virt/uml, "Network configuration"). {@code gro} lets
     * super-frames in; without {@code mtu} it would be 65,535. The {@code hybrid} transport, which receives many frames a
     * call from a packet socket, is the slower one for streams: it has no flow control and loses frames.
     */
    private static String vectorDevice(GuestConfig.Tap tap) {
        return "vec0:transport=tap,ifname=%s,depth=128,gro=1,mtu=%d".formatted(tap.device(), tap.mtu());
    }

    private static Map<String, String> environment(Path folder, int memoryMebibytes) throws IOException {
        Map<String, String> environment = new HashMap<>();
        // Otherwise ~/.uml fills with the remains of guests that were killed.
        environment.put("HOME", folder.toString());
        if (Files.isDirectory(SHARED_MEMORY)) {
            FileStore store = Files.getFileStore(SHARED_MEMORY);
            // The guest's memory is a file there: on a disk, each of its pages would be written out some time.
            if (store.type().equals("tmpfs") && store.getUsableSpace() >> 20 >= memoryMebibytes) {
                environment.put("TMPDIR", SHARED_MEMORY.toString());
            }
        }
        if (LARGE_STATE.matcher(Files.readString(CPU_INFO)).find()) {
            environment.put("LD_PRELOAD", compileShim(folder).toString());
        }
        return environment;
    }

    /** See {@code uml-xstate.c} for what it is needed for. */
    private static Path compileShim(Path folder) throws IOException {
        Path source = folder.resolve("uml-xstate.c");
        Path library = folder.resolve("uml-xstate.so");
        GuestRoot.copyResource("uml-xstate.c", source);
        Compiler.compile(library, List.of("-shared", "-fPIC", source.toString(), "-ldl"));
        return library;
    }

    /** The package has the modules of one kernel, that of its linux.uml, in a folder named after its version. */
    private static Path moduleFolder() throws IOException {
        if (!Files.isDirectory(MODULES)) {
            throw Host.missing(MODULES.toString(), PACKAGE);
        }
        try (Stream<Path> versions = Files.list(MODULES)) {
            return versions.max(Path::compareTo).orElseThrow(() -> Host.missing(MODULES + "/*", PACKAGE));
        }
    }
}
