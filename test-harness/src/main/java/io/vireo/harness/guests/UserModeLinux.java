package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Boots user-mode Linux: a real Linux kernel as a process, which is a vhost-user frontend itself. */
public final class UserModeLinux {
    private static final Path MODULES = Path.of("/usr/lib/uml/modules");
    private static final List<String> NETWORK_MODULES = List.of("failover", "net_failover", "virtio_net");
    /** virtio device number of a network card (virtio 1.3, 5). */
    private static final int NET = 1;

    private UserModeLinux() {}

    /** A guest whose network cards, eth0 onwards, are attached to these sockets. */
    public static Guest boot(String name, Path... sockets) throws IOException {
        Path kernel = HostTools.program("linux.uml", "user-mode-linux");
        Path folder = Files.createTempDirectory("vireo-uml-");
        GuestRoot root = GuestRoot.create(folder.resolve("root"), MODULES, NETWORK_MODULES);
        root.addProgram("iperf3", "iperf3");
        List<String> command = new ArrayList<>(List.of(
                kernel.toString(),
                "mem=256M",
                "rootfstype=hostfs",
                "root=/dev/root",
                "hostfs=" + root.folder(),
                "rw",
                "init=/init",
                "con=null",
                "con0=fd:0,fd:1",
                "quiet",
                "uml_dir=" + folder.resolve("uml") + "/"));
        for (Path socket : sockets) {
            command.add("virtio_uml.device=" + socket + ":" + NET);
        }
        return Guest.boot(name, command, environment(folder), folder);
    }

    private static Map<String, String> environment(Path folder) throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("TMPDIR", "/dev/shm"); // the guest's memory: a file that must not go to disk
        if (Files.readString(Path.of("/proc/cpuinfo")).contains(" amx_tile")) {
            environment.put("LD_PRELOAD", buildStateShim(folder).toString());
        }
        return environment;
    }

    /** See the comment in the source: needed on processors whose extended state is larger than this kernel expects. */
    private static Path buildStateShim(Path folder) throws IOException {
        Path source = folder.resolve("uml-xstate.c");
        Path library = folder.resolve("uml-xstate.so");
        HostTools.copyResource("uml-xstate.c", source, false);
        Path compiler = HostTools.program("gcc", "gcc");
        HostTools.run(
                List.of(compiler.toString(), "-O2", "-shared", "-fPIC", "-o", library.toString(), source.toString()));
        return library;
    }
}
