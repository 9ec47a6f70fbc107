package io.vireo.appliance.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that holds every key of most files once, a line each, and what is made of it when a line is another. */
final class Example {
    static final String TEXT = """
            runtime-dir: /run/vireo
            socket-mode: "0660"
            socket-group: kvm
            reactors: 1
            networks:
              - name: default
                ipv4: 10.0.0.0/24
                addressing: subnet
                dns: [1.1.1.1, 8.8.8.8]
                mtu: 1500
            guests:
              - name: vm1
                network: default
                mac: "52:54:00:12:34:01"
                ipv4: 10.0.0.5
                mtu: 1500
                socket: vm1.sock
            """;

    /** A file that holds every key that the first does not. */
    static final String ADDRESSES = """
            state-dir: /srv/vireo
            idle: {spin: 50us, mode: adaptive}
            networks:
              - name: a
                ipv4: 10.0.0.0/24
                ipv4-pool: 10.0.0.100-10.0.0.199
                lease: 12h
                ipv6: 2001:db8:1::/48
                ipv6-addressing: slaac
                delegation: {prefix: 2001:db8:8000::/36, length: 56}
                ra: {lifetime: 30m, interval: 5m}
                dns: [1.1.1.1, 2001:db8::53]
                domain: example.com
                search: [example.com]
                ntp: [10.0.0.9, 2001:db8::123]
                boot: {server: 10.0.0.9, file: boot.efi}
                dhcp-options: {43: "hex:0aff", 44: [10.0.0.3], 121: "hex:000a000001"}
            guests:
              - {name: a1, network: a, mac: "52:54:00:12:34:01", queues: 2, offloads: false}
              - {name: a2, network: a, mac: "52:54:00:12:34:02", ipv4: 10.0.0.7, ipv6: 2001:db8:1:5::5}
            """;

    /** The same of routes. */
    static final String ROUTING = """
            uplink: {tun: vireo0, ipv4: 192.0.2.1, ipv6: 2001:db8:f::1, mtu: 9000}
            user: vireo
            networks:
              - name: a
                ipv4: 10.0.0.0/24
                ipv6: 2001:db8:1::/48
                uplink: true
                routes:
                  - {to: 192.168.7.0/24, via: a1}
                  - {to: 2001:db8:7::/48, via: a2}
                  - {to: 198.51.100.0/24, via: blackhole}
                  - {to: 0.0.0.0/0, via: uplink}
                peers: [b]
              - name: b
                ipv4: 10.0.1.0/24
                uplink: false
                peers: []
              - name: c
                ipv4: 10.0.1.0/24
                routes: []
            guests:
              - {name: a1, network: a, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
              - {name: a2, network: a, mac: "52:54:00:12:34:02", ipv4: 10.0.0.6}
              - {name: b1, network: b, mac: "52:54:00:12:34:03", ipv4: 10.0.1.5}
              - {name: c1, network: c, mac: "52:54:00:12:34:04", ipv4: 10.0.1.5}
            """;

    /** The same of vsock and what is served over it. */
    static final String VSOCK = """
            runtime-dir: /run/vireo
            tpm: {unix: /run/swtpm.sock}
            services:
              enclave: {port: 5001}
              vcomlink: {port: 2001}
              migtd: {port: 1236, connect: "192.0.2.1:9001", framing: packet}
            networks:
              - {name: n, ipv4: 10.0.0.0/24, ipv4-pool: 10.0.0.100-10.0.0.199}
            guests:
              - name: a
                network: n
                mac: "52:54:00:12:34:01"
                vsock: {cid: 33, socket: a/dev.sock, mode: client, uds: a.vsock, group: lab}
              - name: b
                network: n
                mac: "52:54:00:12:34:02"
                vsock: {cid: 4294967294}
              - {name: c, network: n, mac: "52:54:00:12:34:03"}
            """;

    /** A second guest that differs from the first in all that must be unique. */
    static final String SECOND_GUEST = """
              - name: vm2
                network: default
                mac: "52:54:00:12:34:02"
                ipv4: 10.0.0.6
                socket: vm2.sock
            """;

    /**
     * One line of a file replaced, and what is then wrong with the file.
     *
     * @param was the line without its indentation; the first that is the same is meant
     * @param is instead of it; may be several lines
     * @param problem the whole message, with FILE for the file's path
     */
    record Rule(String was, String is, String problem) {
        void requireRefused(Path folder) throws IOException {
            requireRefused(TEXT, folder);
        }

        void requireRefused(String text, Path folder) throws IOException {
            assertEquals(problem, problems(replace(text, was, is), folder));
        }
    }

    private Example() {}

    /** The example with one line replaced. */
    static String with(String was, String is) {
        return replace(TEXT, was, is);
    }

    static String replace(String text, String was, String is) {
        int at = text.indexOf(was + "\n");
        if (at < 0) {
            throw new IllegalArgumentException("no line " + was);
        }
        return text.substring(0, at) + is + text.substring(at + was.length());
    }

    static Path write(String text, Path folder) throws IOException {
        return Files.writeString(folder.resolve("vireo.yaml"), text);
    }

    /** What the file comes to, whatever the host is like. */
    static ApplianceConfig read(String text, Path folder) throws IOException, ConfigException {
        return ApplianceConfig.read(write(text, folder), FakeHost.PLAIN);
    }

    /** All that is wrong with a file, as the user sees it, with FILE for the file's path. */
    static String problems(String text, Path folder) throws IOException {
        Path file = write(text, folder);
        return problems(file, assertThrows(ConfigException.class, () -> ApplianceConfig.read(file, FakeHost.PLAIN)));
    }

    static String problems(Path file, ConfigException e) {
        return String.valueOf(e.getMessage()).replace(file.toString(), "FILE");
    }
}
