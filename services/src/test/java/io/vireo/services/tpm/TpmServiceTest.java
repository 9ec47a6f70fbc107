package io.vireo.services.tpm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(60)
class TpmServiceTest {
    private static final byte[] AREA = HexFormat.of().parseHex(TpmCommandsTest.AREA);
    private static final byte[] RESPONSE = HexFormat.of().parseHex(TpmCommandsTest.RESPONSE);

    /** What the TPM does at each question, the last one for all that follow. */
    private final ConcurrentLinkedQueue<Object> script = new ConcurrentLinkedQueue<>();

    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    @Test
    void asksTheTpmAnewEachTime() throws IOException {
        script.add(RESPONSE);
        try (TpmService tpm = new TpmService("tpm", this::open)) {
            assertArrayEquals(AREA, tpm.endorsementKey());
            assertArrayEquals(AREA, tpm.endorsementKey());
        }
        assertEquals(2, opened.get());
    }

    @Test
    void looksAheadWithoutBeingAsked() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        script.add(RESPONSE);
        TpmTransport.Opener opener = () -> {
            asked.countDown();
            return open();
        };
        TpmService tpm = new TpmService("tpm", opener);
        tpm.lookAhead();
        asked.await();
        tpm.close();
        tpm.lookAhead(); // of no effect
    }

    @Test
    void whoWaitsForTheSameQuestionSharesItsAnswer() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        script.add(RESPONSE);
        TpmTransport.Opener opener = () -> {
            begun.countDown();
            await(go);
            return open();
        };
        try (TpmService tpm = new TpmService("tpm", opener)) {
            FutureTask<byte[]> first = start(tpm);
            begun.await();
            List<FutureTask<byte[]>> others = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                FutureTask<byte[]> other = new FutureTask<>(tpm::endorsementKey);
                others.add(other);
                threads.add(Thread.ofPlatform().daemon().start(other));
            }
            threads.forEach(TpmServiceTest::awaitQuestion);
            go.countDown();
            assertArrayEquals(AREA, first.get());
            for (FutureTask<byte[]> other : others) {
                assertArrayEquals(AREA, other.get());
            }
        }
        assertEquals(2, opened.get(), "one for the first, and one for all who came while it was under way");
    }

    @Test
    void findsATpmThatComesBack() throws IOException {
        script.add(RESPONSE);
        script.add(new IOException("no TPM at x: Connection refused"));
        script.add(new IOException("no TPM at x: Connection refused"));
        script.add(HexFormat.of().parseHex("80010000000a0000018b"));
        script.add(RESPONSE);
        Logger logger = (Logger) LoggerFactory.getLogger(TpmService.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        logger.addAppender(lines);
        try (TpmService tpm = new TpmService("x", this::open)) {
            assertArrayEquals(AREA, tpm.endorsementKey());
            for (int i = 0; i < 3; i++) {
                assertThrows(IOException.class, tpm::endorsementKey);
            }
            assertArrayEquals(AREA, tpm.endorsementKey());
            assertArrayEquals(AREA, tpm.endorsementKey());
        } finally {
            logger.detachAppender(lines);
        }
        assertEquals(
                List.of(
                        "the TPM at x cannot tell its endorsement key: no TPM at x: Connection refused",
                        "the TPM at x cannot tell its endorsement key: TPM2_ReadPublic: TPM_RC_HANDLE",
                        "the TPM at x answers again"),
                lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
        assertEquals(0, open.get(), "nothing stays open");
    }

    @Test
    void saysWhyThereIsNoAnswer(@TempDir Path folder) {
        Path socket = folder.resolve("none.sock");
        try (TpmService tpm = new TpmService(TpmAddress.unix(socket))) {
            IOException e = assertThrows(IOException.class, tpm::endorsementKey);
            assertTrue(String.valueOf(e.getMessage()).contains("no TPM at " + socket), e.getMessage());
        }
    }

    @Test
    void aClosedServiceLeavesNobodyWaiting() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        TpmService tpm = new TpmService("tpm", () -> {
            begun.countDown();
            await(new CountDownLatch(1));
            throw new AssertionError("it waits for ever");
        });
        FutureTask<byte[]> first = start(tpm);
        begun.await();
        FutureTask<byte[]> second = new FutureTask<>(tpm::endorsementKey);
        Thread thread = Thread.ofPlatform().daemon().start(second);
        awaitQuestion(thread);
        tpm.close();
        assertThrows(ExecutionException.class, first::get);
        assertThrows(ExecutionException.class, second::get);
        assertThrows(IOException.class, tpm::endorsementKey);
    }

    @Test
    void whoIsInterruptedStopsWaiting() {
        CountDownLatch never = new CountDownLatch(1);
        try (TpmService tpm = new TpmService("tpm", () -> {
            await(never);
            return open();
        })) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedIOException.class, tpm::endorsementKey);
            assertTrue(Thread.interrupted());
        }
    }

    private static FutureTask<byte[]> start(TpmService tpm) {
        FutureTask<byte[]> task = new FutureTask<>(tpm::endorsementKey);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** Until it waits for its answer, which is the only thing it does that has a limit in time. */
    private static void awaitQuestion(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            assertTrue(thread.isAlive(), "it has ended already");
            Thread.onSpinWait();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new InterruptedIOException("closed");
        }
    }

    private TpmTransport open() throws IOException {
        opened.incrementAndGet();
        Object next = script.size() > 1 ? script.remove() : script.element();
        if (next instanceof IOException e) {
            throw e;
        }
        open.incrementAndGet();
        return new TpmTransport() {
            @Override
            public byte[] transact(byte[] command) {
                return ((byte[]) next).clone();
            }

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }
}
