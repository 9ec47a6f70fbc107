package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads that carry packets allocate nothing; waking a virtual thread does, so there is none here. */
@Tag("absolute-gate") // the bounded form allocates
@Timeout(120)
class VsockAllocationIT {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final int LISTENING = 4321;
    private static final int CHUNK = 8192;
    private static final int CHUNKS = 5000;
    /** Less than one of the smallest objects for each chunk that goes there and back, in two packets or more. */
    private static final long TOLERATED = 16L * CHUNKS;

    /** Code that is not compiled yet allocates, for calls of native code above all. */
    private static final int MOST_ROUNDS = 60;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void threadsOfDeviceAndDriverAllocateNothing() throws Exception {
        try (TestVsock vsock = TestVsock.start();
                VsockFrontendDevice guest = vsock.attach();
                VsockSocket listener = guest.socket(VsockType.STREAM)) {
            listener.bind(new VsockAddress(VsockSocket.ANY_CID, LISTENING));
            listener.listen(1);
            try (VsockStream host = vsock.device().connect(LISTENING, VsockType.STREAM, SOON);
                    VsockSocket accepted = listener.accept()) {
                Thread echo = Thread.ofPlatform().start(() -> echo(accepted));
                long device = idOf("vsock-vm1");
                long driver = idOf("vsock-guest-" + TestVsock.CID);
                int rounds = 0;
                long bytes = Long.MAX_VALUE;
                while (bytes >= TOLERATED && rounds++ < MOST_ROUNDS) {
                    long before = allocatedBy(device) + allocatedBy(driver);
                    exchange(host);
                    bytes = allocatedBy(device) + allocatedBy(driver) - before;
                }
                assertTrue(bytes < TOLERATED, bytes + " bytes in the last of " + MOST_ROUNDS + " rounds");
                host.shutdownOutput();
                echo.join();
            }
        }
    }

    private static void exchange(VsockStream host) throws IOException {
        byte[] data = new byte[CHUNK];
        for (int i = 0; i < CHUNKS; i++) {
            host.write(data, 0, CHUNK);
            assertEquals(CHUNK, host.input().readNBytes(data, 0, CHUNK));
        }
    }

    private static void echo(VsockSocket socket) {
        try {
            socket.input().transferTo(socket.output());
        } catch (IOException e) {
            // the host sees it
        }
    }

    private long allocatedBy(long thread) {
        long bytes = threads.getThreadAllocatedBytes(thread);
        assertTrue(bytes >= 0, "the thread is alive");
        return bytes;
    }

    private static long idOf(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .threadId();
    }
}
