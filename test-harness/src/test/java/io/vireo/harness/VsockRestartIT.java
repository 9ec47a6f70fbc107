package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.harness.device.FrontendOptions;
import io.vireo.harness.device.RawVsockGuest;
import io.vireo.harness.packets.Octets;
import io.vireo.harness.packets.VsockField;
import io.vireo.harness.packets.VsockPacket;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.vsock.VsockAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Vireo is killed while guests' connections carry data, and starts again: their drivers, which go on with the same rings,
 * are told that the transport was reset, and connect anew.
 */
@Timeout(120)
class VsockRestartIT {
    private static final int KILLS = 3;
    private static final long BACK_WITHIN_MS = 5000;
    private static final int SPLIT_CID = 33;
    private static final int PACKED_CID = 34;
    private static final int ENCLAVE = 5000;
    /** "hello", which comes back. */
    private static final byte[] MESSAGE = HexFormat.of().parseHex("56534f4b0000000568656c6c6f");

    private static final int PACKETS = 50;
    private static final int BUFFERS = 64;
    private static final int EVENTS = 4;

    /** What a frontend tells of a ring whose backend died without a word, whatever its format. */
    private static final int[] NO_BASES = {0, 0, 0};

    private static final String GUESTS = """
            services: {enclave: {port: 5000}}
            networks:
              - {name: default, ipv4: 10.0.0.0/24}
            guests:
              - {name: vm1, network: default, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5, vsock: {cid: 33}}
              - {name: vm2, network: default, mac: "52:54:00:12:34:02", ipv4: 10.0.0.6, vsock: {cid: 34, mode: client}}
            """;

    @TempDir
    Path folder;

    private ApplianceProcess vireo;
    private UnixSocket listener;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(folder.resolve("run"));
        listener = UnixSocket.bind(socket(2));
        listener.listen(1);
        vireo = ApplianceProcess.start(folder, GUESTS);
    }

    @AfterEach
    void end() {
        vireo.close();
        listener.close();
    }

    private Path socket(int number) {
        return folder.resolve("run/vm" + number + "-vsock.sock");
    }

    @Test
    void guestsAreToldOfEachKillAndConnectAnew() throws Exception {
        FrontendOptions packed = RawVsockGuest.OPTIONS.with(Features.RING_PACKED | Features.RING_INDIRECT_DESC);
        try (RawVsockGuest connecting = RawVsockGuest.attach(socket(1));
                RawVsockGuest listening = RawVsockGuest.attach(accept(), packed)) {
            provide(connecting);
            provide(listening);
            exchange(connecting, SPLIT_CID, 0);
            exchange(listening, PACKED_CID, 0);
            for (int kill = 1; kill <= KILLS; kill++) {
                vireo.close();
                vireo = ApplianceProcess.start(folder, GUESTS);
                connecting.reattach(socket(1), NO_BASES);
                listening.reattach(accept(), NO_BASES);
                assertEquals(Optional.of(0), connecting.event(BACK_WITHIN_MS));
                assertEquals(Optional.of(0), listening.event(BACK_WITHIN_MS));
                exchange(connecting, SPLIT_CID, kill);
                exchange(listening, PACKED_CID, kill);
            }
        }
    }

    private VhostUserFrontend accept() throws IOException {
        return VhostUserFrontend.on(listener.accept());
    }

    private static void provide(RawVsockGuest guest) {
        guest.provide(BUFFERS, RawVsockGuest.BUFFER_SIZE);
        guest.provideEvents(EVENTS);
    }

    /** On a new connection: a message that comes back, and then many more, whose answers nobody waits for. */
    private static void exchange(RawVsockGuest guest, int cid, int port) throws IOException {
        guest.send(packet(cid, port, VsockPacket.REQUEST));
        await(guest, VsockPacket.RESPONSE, port);
        guest.send(packet(cid, port, VsockPacket.RW).withPayload(MESSAGE));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        while (answer.size() < MESSAGE.length) {
            answer.writeBytes(await(guest, VsockPacket.RW, port).payload().toBytes());
        }
        assertEquals(Octets.of(MESSAGE), Octets.of(answer.toByteArray()));
        for (int i = 0; i < PACKETS; i++) {
            guest.send(packet(cid, port, VsockPacket.RW).withPayload(MESSAGE));
        }
    }

    private static VsockPacket packet(int cid, int port, int operation) {
        return VsockPacket.of(cid, 1000 + port, VsockAddress.HOST, ENCLAVE, operation);
    }

    /** The next packet of this operation for this port; those of connections that are gone pass by. */
    private static VsockPacket await(RawVsockGuest guest, int operation, int port) throws IOException {
        while (true) {
            VsockPacket next = guest.receive(BACK_WITHIN_MS)
                    .orElseThrow(() -> new IOException("no packet of operation " + operation + " for " + port));
            if (next.operation() == operation && next.get(VsockField.DST_PORT) == 1000 + port) {
                return next;
            }
        }
    }
}
