package io.vireo.harness.guests;

import io.vireo.harness.packets.Mac;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Starts the host's own distribution kernel in QEMU without KVM (TCG), which is up in about five seconds. QEMU reconnects
 * to a backend that has gone. Debian's packages are {@code qemu-system-x86} and {@code linux-image-amd64}.
 */
public final class QemuGuest {
    private static final String KERNEL_PACKAGE = "linux-image-amd64";
    private static final String KERNEL_PREFIX = "vmlinuz-";
    private static final Path BOOT = Path.of("/boot");
    private static final Path MODULES = Path.of("/lib/modules");

    private QemuGuest() {}

    /**
     * Boots a guest and runs its script.
     *
     * @throws GuestException if it does not come up in time, its script fails, or something is not installed
     */
    public static Guest start(GuestConfig config) throws IOException {
        if (config.tap().isPresent()) {
            throw new IllegalArgumentException("a guest on a tap device is user-mode Linux");
        }
        Path qemu = Host.program("qemu-system-x86_64", "qemu-system-x86");
        Path kernel = kernel();
        KernelModules modules = new KernelModules(modules(kernel));
        Path folder = Files.createTempDirectory("vireo-qemu-");
        try {
            Path root = folder.resolve("root");
            Path initramfs = folder.resolve("initramfs.gz");
            GuestRoot.create(root, config, modules, List.of("ipv6", "virtio_pci", "virtio_net"));
            Initramfs.write(root, initramfs);
            return Guest.start(
                    config.name(), command(qemu, kernel, initramfs, config), Map.of(), folder, config.bootTimeout());
        } catch (Throwable e) {
            Guest.deleteTree(folder);
            throw e;
        }
    }

    /** A guest with 256 MiB whose only network card connects to this socket. */
    public static Guest boot(String name, Path socket, String mac) throws IOException {
        return start(GuestConfig.of(name).withMemory(256).withLink(socket, Mac.parse(mac)));
    }

    private static List<String> command(Path qemu, Path kernel, Path initramfs, GuestConfig config) {
        List<String> command =
                new ArrayList<>(List.of(qemu.toString(), "-nodefaults", "-no-user-config", "-no-reboot"));
        command.addAll(List.of("-accel", "tcg", "-cpu", "max", "-m", config.memoryMebibytes() + "M"));
        command.addAll(List.of("-smp", Integer.toString(config.processors())));
        command.addAll(List.of("-display", "none", "-monitor", "none", "-serial", "stdio"));
        // A backend can map nothing but shared memory.
        command.addAll(List.of(
                "-object",
                "memory-backend-memfd,id=memory,size=" + config.memoryMebibytes() + "M,share=on",
                "-machine",
                "pc,memory-backend=memory"));
        command.addAll(List.of("-kernel", kernel.toString(), "-initrd", initramfs.toString()));
        command.addAll(List.of("-append", "console=ttyS0 quiet panic=-1 net.ifnames=0 rdinit=/init"));
        boolean several = config.processors() > 1;
        String queues = several ? ",queues=" + config.processors() : "";
        String multiqueue = several ? ",mq=on" : "";
        for (int i = 0; i < config.links().size(); i++) {
            GuestConfig.Link link = config.links().get(i);
            String socket = escaped(link.socket());
            String mac = link.mac().map(address -> ",mac=" + address).orElse("");
            String role = link.listens() ? ",server=on,wait=off" : ",reconnect=1";
            String packed = link.packed() ? ",packed=on" : "";
            command.addAll(List.of("-chardev", "socket,id=socket" + i + ",path=" + socket + role));
            command.addAll(List.of("-netdev", "vhost-user,id=net" + i + ",chardev=socket" + i + queues));
            // Without vectors=0, QEMU 7.2 crashes under TCG, with any backend.
            command.addAll(
                    List.of("-device", "virtio-net-pci,netdev=net" + i + ",vectors=0" + mac + packed + multiqueue));
        }
        if (config.vsock().isPresent()) {
            String socket = escaped(config.vsock().get());
            command.addAll(List.of("-chardev", "socket,id=vsock,path=" + socket));
            command.addAll(List.of("-device", "vhost-user-vsock-pci,chardev=vsock,vectors=0"));
        }
        return command;
    }

    /** As part of an option: a comma would begin another one; QEMU takes two of them for one. */
    private static String escaped(Path socket) {
        return socket.toAbsolutePath().toString().replace(",", ",,");
    }

    /** The kernel installed last among those that have modules. */
    private static Path kernel() throws IOException {
        try (Stream<Path> files = Files.list(BOOT)) {
            return files.filter(file -> file.getFileName().toString().startsWith(KERNEL_PREFIX))
                    .filter(Files::isReadable)
                    .filter(file -> Files.isRegularFile(modules(file).resolve("modules.dep")))
                    .max(Comparator.comparingLong((Path file) -> file.toFile().lastModified())
                            .thenComparing(Comparator.naturalOrder()))
                    .orElseThrow(() -> Host.missing("a readable " + BOOT + "/" + KERNEL_PREFIX + "*", KERNEL_PACKAGE));
        }
    }

    private static Path modules(Path kernel) {
        return MODULES.resolve(kernel.getFileName().toString().substring(KERNEL_PREFIX.length()));
    }
}
