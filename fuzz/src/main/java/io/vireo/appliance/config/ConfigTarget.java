package io.vireo.appliance.config;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.linux.User;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A configuration file: it is understood, or each problem has a line of the file and is one line for a terminal. */
public final class ConfigTarget implements FuzzTarget {
    private static final String NET = """
            runtime-dir: /run/vireo
            reactors: 1
            idle: {spin: 50us, mode: adaptive}
            uplink: {tun: vireo0, ipv4: 192.0.2.1, mtu: 9000}
            networks:
              - name: a
                ipv4: 10.0.0.0/24
                ipv4-pool: 10.0.0.100-10.0.0.199
                addressing: subnet
                lease: 12h
                ipv6: 2001:db8:1::/48
                delegation: {prefix: 2001:db8:8000::/36, length: 56}
                ra: {lifetime: 30m, interval: 5m}
                dns: [1.1.1.1, 2001:db8::53]
                search: [example.com]
                uplink: true
                routes:
                  - {to: 192.168.7.0/24, via: a1}
                dhcp-options: {43: "hex:0aff", 44: [10.0.0.3]}
            guests:
              - {name: a1, network: a, mac: "52:54:00:12:34:01", queues: 2, ipv4: 10.0.0.5}
              - {name: a2, network: a, mac: "52:54:00:12:34:02"}
            """;

    private static final String SERVICES = """
            tpm: {unix: /run/swtpm.sock}
            services:
              enclave: {port: 5001}
              migtd: {port: 1236, connect: "192.0.2.1:9001", framing: packet}
            networks:
              - {name: n, ipv4: 10.0.0.0/24, ipv4-pool: 10.0.0.100-10.0.0.199}
            guests:
              - name: a
                network: n
                mac: "52:54:00:12:34:01"
                vsock: {cid: 33, socket: a/dev.sock, uds: a.vsock, group: lab}
            """;

    private final Path file;

    public ConfigTarget() {
        try {
            file = Files.createTempFile(Path.of("/dev/shm"), "vireo-fuzz-", ".yaml");
            file.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int maximumLength() {
        return 1200;
    }

    @Override
    public List<byte[]> seeds() {
        return Stream.of(NET, SERVICES)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    @Override
    public void run(Input input) throws IOException {
        byte[] bytes = input.rest();
        Files.write(file, bytes);
        long lines = new String(bytes, StandardCharsets.UTF_8).lines().count();
        try {
            ApplianceConfig config = ApplianceConfig.read(file, new NoHost());
            claim(
                    !config.router().guests().isEmpty()
                            && !config.router().networks().isEmpty(),
                    "guests and networks");
        } catch (ConfigException e) {
            claim(!e.problems().isEmpty(), "at least one problem");
            for (ConfigProblem problem : e.problems()) {
                claim(problem.line() >= 1 && problem.line() <= lines + 1, "a line that there is");
                claim(problem.toString().chars().noneMatch(Character::isISOControl), "one line for a terminal");
            }
        }
    }

    /** A machine on which nothing is. */
    private static final class NoHost implements Host {
        @Override
        public int userId() {
            return 0;
        }

        @Override
        public OptionalInt groupId(String group) {
            return OptionalInt.empty();
        }

        @Override
        public Optional<User> user(String user) {
            return Optional.empty();
        }

        @Override
        public @Nullable String environment(String name) {
            return null;
        }

        @Override
        public SocketState socketState(Path socket) {
            return SocketState.ABSENT;
        }
    }
}
