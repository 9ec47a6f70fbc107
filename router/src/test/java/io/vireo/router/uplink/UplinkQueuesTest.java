package io.vireo.router.uplink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vireo.linux.Errno;
import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.PacketSockets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class UplinkQueuesTest {
    private final PacketSockets first;
    private final PacketSockets second;
    private final Logger logger = (Logger) LoggerFactory.getLogger(UplinkQueues.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    UplinkQueuesTest() throws LinuxException {
        first = new PacketSockets();
        second = new PacketSockets();
    }

    @BeforeEach
    void capture() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void close() {
        logger.detachAppender(log);
        first.close();
        second.close();
    }

    @Test
    void ringsAreUsedWhereTheyMayBe() throws Exception {
        List<UplinkQueue> queues = UplinkQueues.of(devices(), true, UringQueue::new);
        queues.forEach(queue -> assertInstanceOf(UringQueue.class, queue));
        queues.forEach(UplinkQueue::close);
        assertEquals(List.of(), log.list);
    }

    @Test
    void whereTheyAreRefusedOneLineSaysSoAndPlainCallsDo() throws Exception {
        List<UplinkQueue> queues = UplinkQueues.of(devices(), true, (device, takesUdp) -> {
            throw new LinuxException("io_uring_setup", Errno.EPERM);
        });
        queues.forEach(queue -> assertInstanceOf(PlainQueue.class, queue));
        queues.forEach(UplinkQueue::close);
        assertEquals(
                List.of("uplink: io_uring is not used, each packet is a system call: io_uring_setup: EPERM"),
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    void aFailureLetsGoOfAllDevices() {
        List<Fd> devices = devices();
        assertThrows(
                IllegalStateException.class,
                () -> UplinkQueues.of(devices, true, (device, takesUdp) -> {
                    if (device.equals(devices.getFirst())) {
                        return new PlainQueue(device, takesUdp);
                    }
                    assertTrue(device.isOpen());
                    throw new IllegalStateException("of the second");
                }));
        devices.forEach(device -> assertFalse(device.isOpen()));
    }

    private List<Fd> devices() {
        return List.of(first.device(), second.device());
    }
}
