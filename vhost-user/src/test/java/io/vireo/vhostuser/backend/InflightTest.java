package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.HostMemory;
import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.Memory;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.vhostuser.backend.RecordingDevice.Stopped;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the file says in which chains in flight are tracked: that there are none but those which the rings tell of. */
@Timeout(20)
class InflightTest {
    @TempDir
    private Path folder;

    private SessionFixture f;

    @BeforeEach
    void serve() throws Exception {
        f = new SessionFixture(folder);
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void aSplitRingsPartTellsWhereItStopped() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated();
                Handed handed = Handed.ask(frontend, 2, 3)) {
            assertEquals(new Payload.Inflight(128, 0, 2, 3), handed.place);
            String empty = "0000000000000000 0100 0300 0000 0000" + " 0000000000000000".repeat(6);
            assertArrayEquals(bytes(empty + empty), handed.content());

            f.start(frontend, 1, 65_534);
            f.device.serve(1, 5);
            assertArrayEquals(bytes(empty + empty), handed.content(), "not touched while a ring runs");
            frontend.getVringBase(1);
            String stopped = "0000000000000000 0100 0300 0000 0300" + " 0000000000000000".repeat(6);
            assertArrayEquals(bytes(empty + stopped), handed.content());
        }
    }

    @Test
    void aPackedRingsPartIsNotInitialisedUntilItStops() throws Exception {
        f.device.offered |= Features.RING_PACKED;
        try (VhostUserFrontend frontend = f.negotiated();
                Handed handed = Handed.ask(frontend, 1, 2)) {
            assertEquals(new Payload.Inflight(128, 0, 1, 2), handed.place);
            String entries = " 0000 0100 00000000" + " 0000000000000000".repeat(11);
            String unknown = "0000000000000000 0000 0200 0000 0000 0000000000000000 0000000000000000";
            assertArrayEquals(bytes(unknown + entries), handed.content());
            f.start(frontend, 0, 0x8005_8005);
            frontend.getVringBase(0);
            String stopped = "0000000000000000 0100 0200 0000 0000 0500 0500 01 01 0000 0000000000000000";
            assertArrayEquals(bytes(stopped + entries), handed.content());
            f.device.await(Stopped.class);
            f.start(frontend, 0, 0x8005_8005);
            assertEquals(0, handed.content()[8], "it runs: not initialised");
        }
    }

    @Test
    void whatIsAskedForAgainIsTheSameFile() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated();
                Handed first = Handed.ask(frontend, 2, 64)) {
            int descriptors = SessionFixture.openDescriptors();
            for (int i = 0; i < 1000; i++) {
                try (Handed again = Handed.ask(frontend, 2, 64)) {
                    Memory.write(first.file, 0, new byte[] {(byte) i});
                    assertEquals((byte) i, again.content()[0]);
                }
            }
            Handed.ask(frontend, 1, 64).close();
            assertEquals(descriptors, SessionFixture.openDescriptors(), "one is open here, whatever was asked for");
        }
    }

    @Test
    void oneThatIsHandedBackIsWrittenWhereItWasTold() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated();
                Fd file = Memory.memfdCreate("left", false)) {
            Memory.truncate(file, 8192);
            frontend.setInflight(new Payload.Inflight(192, 4096, 1, 3), file);
            f.start(frontend, 0, 7);
            frontend.getVringBase(0);
            assertEquals(7, read(file, 8192)[4096 + 14]);
        }
    }

    @Test
    void oneThatCannotBeWrittenIsLetGo() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated();
                Fd file = Memory.memfdCreate("left", true)) { // files of huge pages can only be mapped
            Memory.truncate(file, FileStatus.of(file).blockSize());
            int descriptors = SessionFixture.openDescriptors();
            frontend.setInflight(new Payload.Inflight(192, 0, 1, 3), file);
            assertEquals(descriptors + 1, SessionFixture.openDescriptors());
            f.prepare(frontend, 1, 0);
            f.start(frontend, 0, 7);
            assertEquals(7, frontend.getVringBase(0));
            assertTrue(SessionFixture.openDescriptors() <= descriptors + 1, "but for the call descriptor of ring 1");
        }
    }

    /** QEMU's structure is padded; who packs it is understood too. */
    @Test
    void understandsThePackedForm() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            byte[] packed = new byte[20];
            packed[16] = 2;
            packed[18] = 3;
            VhostUserMessage answer = frontend.ask(VhostUserMessage.of(Request.GET_INFLIGHT_FD, packed));
            assertEquals(128, Payload.Inflight.read(answer).size());
            answer.closeFds();
        }
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static byte[] read(Fd file, int size) throws Exception {
        long address = Memory.map(file, 0, size);
        byte[] content = new byte[size];
        for (int i = 0; i < size; i++) {
            content[i] = HostMemory.getByte(address + i);
        }
        Memory.unmap(address, size);
        return content;
    }

    /** What a frontend was given. */
    private record Handed(Payload.Inflight place, Fd file) implements AutoCloseable {
        static Handed ask(VhostUserFrontend frontend, int queues, int queueSize) throws Exception {
            VhostUserMessage answer = frontend.getInflight(queues, queueSize);
            assertEquals(1, answer.fds().size());
            return new Handed(Payload.Inflight.read(answer), answer.fds().getFirst());
        }

        byte[] content() throws Exception {
            return read(file, (int) place.size());
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
