package io.vireo.harness;

import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.HybridHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The product with guests vm1, vm2, ..., of which each has a network card, 10.0.0.5, 10.0.0.6, ..., and a vsock device, CIDs
 * 33, 34, ..., with a hybrid socket; vm1 and vm2 are in one group.
 */
final class VsockAppliance implements AutoCloseable {
    private static final int FIRST_CID = 33;
    private static final int FIRST_HOST = 5;

    private final Path folder;
    private final ApplianceProcess appliance;

    private VsockAppliance(Path folder, ApplianceProcess appliance) {
        this.folder = folder;
        this.appliance = appliance;
    }

    /** @param more of the configuration: {@code tpm} and {@code services}, or nothing */
    static VsockAppliance start(Path folder, int guests, String more) throws IOException {
        String configuration = more + """
                networks:
                  - {name: default, ipv4: 10.0.0.0/24}
                guests:
                """;
        configuration += IntStream.rangeClosed(1, guests)
                .mapToObj(number -> """
                          - name: vm%1$d
                            network: default
                            mac: "%2$s"
                            ipv4: %3$s
                            vsock: {cid: %4$d, uds: vm%1$d.vsock%5$s}
                        """.formatted(
                                number, mac(number), address(number), cid(number), number <= 2 ? ", group: lab" : ""))
                .collect(Collectors.joining());
        return new VsockAppliance(folder, ApplianceProcess.start(folder, configuration));
    }

    static String mac(int number) {
        return "52:54:00:12:34:%02x".formatted(number);
    }

    static String address(int number) {
        return "10.0.0." + (FIRST_HOST + number - 1);
    }

    static int cid(int number) {
        return FIRST_CID + number - 1;
    }

    /** Where the guest's card connects. */
    Path card(int number) {
        return folder.resolve("run/vm" + number + ".sock");
    }

    /** Where its vsock device connects. */
    Path vsock(int number) {
        return folder.resolve("run/vm" + number + "-vsock.sock");
    }

    /** Programs that talk with this guest; for the caller to close. */
    HybridHost programs(int number) {
        return new HybridHost(uds(number));
    }

    Path uds(int number) {
        return folder.resolve("run/vm" + number + ".vsock");
    }

    /** A guest of 256 MiB with its vsock device alone. */
    GuestConfig guest(int number) {
        return GuestConfig.of("vm" + number).withMemory(256).withVsock(vsock(number));
    }

    /** How many descriptors the product's process has open, without what the JVM opens when it needs it. */
    long descriptors() throws IOException {
        try (Stream<Path> links =
                Files.list(Path.of("/proc/" + appliance.process().pid() + "/fd"))) {
            return links.map(VsockAppliance::target)
                    .filter(target -> !target.isEmpty() && !target.endsWith(".jar") && !target.endsWith("random"))
                    .count();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    Process process() {
        return appliance.process();
    }

    String log() {
        return appliance.log();
    }

    @Override
    public void close() {
        appliance.close();
    }
}
