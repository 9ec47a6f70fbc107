package io.vireo.harness.guests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelModulesTest {
    private static final byte[] CONTENT = {1, 2, 3};

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it.
    private Path folder;

    @BeforeEach
    void createModules() throws Exception {
        Files.writeString(folder.resolve("modules.dep"), """
                kernel/net/net_failover.ko: kernel/net/failover.ko
                kernel/net/failover.ko:
                kernel/net/virtio-net.ko: kernel/net/net_failover.ko kernel/net/failover.ko
                kernel/lib/packed.ko.gz:
                """);
        Files.writeString(folder.resolve("modules.builtin"), "kernel/net/ipv6/ipv6.ko\n");
        Files.createDirectories(folder.resolve("kernel/net"));
        Files.createDirectories(folder.resolve("kernel/lib"));
        for (String name : List.of("net_failover", "failover", "virtio-net")) {
            Files.write(folder.resolve("kernel/net/" + name + ".ko"), CONTENT);
        }
        try (OutputStream out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("kernel/lib/packed.ko.gz")))) {
            out.write(CONTENT);
        }
    }

    @Test
    void dependenciesComeFirstAndBuiltInModulesNotAtAll() throws Exception {
        Path to = Files.createDirectory(folder.resolve("to"));
        assertEquals(
                List.of("failover.ko", "net_failover.ko", "virtio_net.ko"),
                new KernelModules(folder).copy(List.of("ipv6", "virtio_net", "failover"), to));
        assertArrayEquals(CONTENT, Files.readAllBytes(to.resolve("virtio_net.ko")));
    }

    @Test
    void compressedModuleIsCopiedUncompressed() throws Exception {
        Path to = Files.createDirectory(folder.resolve("to"));
        assertEquals(List.of("packed.ko"), new KernelModules(folder).copy(List.of("packed"), to));
        assertArrayEquals(CONTENT, Files.readAllBytes(to.resolve("packed.ko")));
    }

    @Test
    void unknownModuleIsNamed() throws Exception {
        KernelModules modules = new KernelModules(folder);
        GuestException thrown = assertThrows(GuestException.class, () -> modules.copy(List.of("nope"), folder));
        assertEquals("the kernel of " + folder + " has no module nope", thrown.getMessage());
    }
}
