package io.vireo.harness.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Boots Debian's kernel in QEMU under TCG, with a network card attached to a vhost-user socket. */
public final class QemuGuest {
    private static final List<String> NETWORK_MODULES = List.of(
            "virtio_ring",
            "virtio",
            "virtio_pci_legacy_dev",
            "virtio_pci_modern_dev",
            "virtio_pci",
            "failover",
            "net_failover",
            "virtio_net");

    private QemuGuest() {}

    public static Guest boot(String name, Path socket, String mac) throws IOException {
        Path qemu = HostTools.program("qemu-system-x86_64", "qemu-system-x86");
        Path kernel = newestKernel();
        String version = kernel.getFileName().toString().substring("vmlinuz-".length());
        Path folder = Files.createTempDirectory("vireo-qemu-");
        GuestRoot root = GuestRoot.create(folder.resolve("root"), Path.of("/lib/modules", version), NETWORK_MODULES);
        Path initramfs = folder.resolve("initramfs.gz");
        Initramfs.write(root.folder(), initramfs);
        List<String> command = List.of(
                qemu.toString(),
                "-accel",
                "tcg",
                "-cpu",
                "max",
                "-m",
                "256M",
                "-object",
                "memory-backend-memfd,id=mem,size=256M,share=on",
                "-machine",
                "memory-backend=mem",
                "-chardev",
                "socket,id=net0,path=" + socket,
                "-netdev",
                "vhost-user,id=net0,chardev=net0",
                "-device",
                "virtio-net-pci,netdev=net0,mac=" + mac + ",vectors=0",
                "-kernel",
                kernel.toString(),
                "-initrd",
                initramfs.toString(),
                "-append",
                "console=ttyS0 quiet panic=-1 net.ifnames=0",
                "-display",
                "none",
                "-monitor",
                "none",
                "-serial",
                "stdio",
                "-no-reboot");
        return Guest.boot(name, command, Map.of(), folder);
    }

    private static Path newestKernel() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/boot"))) {
            return files.filter(path -> path.getFileName().toString().startsWith("vmlinuz-"))
                    .sorted()
                    .reduce((first, second) -> second)
                    .orElseThrow(
                            () -> new GuestException("no kernel in /boot: install Debian's package linux-image-amd64"));
        }
    }
}
