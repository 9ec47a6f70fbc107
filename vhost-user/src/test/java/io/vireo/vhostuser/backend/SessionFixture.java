package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.linux.Doorbell;
import io.vireo.linux.EventFd;
import io.vireo.linux.Fd;
import io.vireo.linux.UnixSocket;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A server with a recording device on a real socket, and what a frontend brings along. */
final class SessionFixture implements AutoCloseable {
    static final long FEATURES = RecordingDevice.FEATURES | Features.VHOST_USER_PROTOCOL_FEATURES;

    /** Which the lines of a minute are counted by. */
    final AtomicLong clockNs = new AtomicLong();

    final CapturedLog log = new CapturedLog();
    final RecordingDevice device = new RecordingDevice();
    final FrontendMemory memory = new FrontendMemory(0x7000_0000_0000L);
    final EventFd kick = EventFd.create();
    final EventFd call = EventFd.create();
    final EventFd error = EventFd.create();
    final Path path;
    final VhostUserServer server;

    SessionFixture(Path folder) throws IOException {
        this(folder, Integer.MAX_VALUE, Succession.DEFAULT_PATIENCE_MS);
    }

    SessionFixture(Path folder, int linesPerMinute, int patienceMs) throws IOException {
        path = folder.resolve("s");
        LineLimit limit = new LineLimit(linesPerMinute, clockNs::get);
        server = VhostUserServer.bind(path, device, new GuestLog(device.name(), limit), patienceMs);
        server.start();
    }

    VhostUserFrontend connect() throws IOException {
        return VhostUserFrontend.connect(path);
    }

    VhostUserChannel connectRaw() throws IOException {
        return new VhostUserChannel(UnixSocket.connect(path));
    }

    /** One request of a start-up. */
    interface Step {
        void run(VhostUserFrontend frontend) throws IOException;
    }

    /** What a VMM says to bring both rings up, without acknowledgements, as user-mode Linux does. */
    List<Step> startUp() {
        Stream<Step> negotiation = Stream.of(
                f -> f.setOwner(),
                f -> f.getFeatures(),
                f -> f.getProtocolFeatures(),
                f -> f.setProtocolFeatures(ProtocolFeatures.MQ | ProtocolFeatures.CONFIG),
                f -> f.getQueueNum(),
                f -> f.getConfig(0, 6),
                f -> f.setFeatures(FEATURES),
                f -> memory.tell(f));
        return Stream.of(negotiation, ring(0), ring(1)).flatMap(steps -> steps).toList();
    }

    private Stream<Step> ring(int queue) {
        return Stream.of(
                f -> f.setVringNum(queue, FrontendMemory.RING_SIZE),
                f -> f.setVringBase(queue, 0),
                f -> memory.tellAddresses(f, queue),
                f -> f.setVringCall(queue, call.fd()),
                f -> f.setVringErr(queue, error.fd()),
                f -> f.setVringKick(queue, kick.fd()),
                f -> f.setVringEnable(queue, true));
    }

    /** A frontend that has negotiated everything, acknowledgements included, and has told of its memory. */
    VhostUserFrontend negotiated() throws IOException {
        VhostUserFrontend frontend = connect();
        frontend.setOwner();
        frontend.setProtocolFeatures(frontend.getProtocolFeatures());
        frontend.setFeatures(frontend.getFeatures());
        memory.tell(frontend);
        return frontend;
    }

    /** Sets a ring up and starts it at {@code base}. @return what the device was told */
    RingSetup start(VhostUserFrontend frontend, int queue, int base) throws Exception {
        prepare(frontend, queue, base);
        frontend.setVringKick(queue, kick.fd());
        return device.await(RecordingDevice.Started.class).setup();
    }

    void prepare(VhostUserFrontend frontend, int queue, int base) throws IOException {
        frontend.setVringNum(queue, FrontendMemory.RING_SIZE);
        frontend.setVringBase(queue, base);
        memory.tellAddresses(frontend, queue);
        frontend.setVringCall(queue, call.fd());
    }

    /** Brings a new frontend all the way up and down again. */
    void assertNextFrontendIsServed() throws Exception {
        device.events.clear();
        try (VhostUserFrontend frontend = connect()) {
            for (Step step : startUp()) {
                step.run(frontend);
            }
            assertEquals(0, frontend.getVringBase(0));
        }
        assertEquals("recorder: frontend disconnected", log.awaitEndOfSession());
        assertEquals(2, device.stoppedBeforeReset().size());
    }

    static int openDescriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.count();
        }
    }

    /** How often guests' memory is mapped into this process. */
    static int mappings() throws IOException {
        try (Stream<String> all = Files.lines(Path.of("/proc/self/maps"))) {
            return (int) all.filter(line -> line.contains(FrontendMemory.NAME)).count();
        }
    }

    /** Whether both name the same open file. */
    static boolean sameFile(Fd one, EventFd other) throws IOException {
        other.drain();
        try (Doorbell doorbell = new Doorbell()) {
            doorbell.ringEventFd(one.number());
        }
        return other.drain() == 1;
    }

    @Override
    public void close() {
        server.close();
        memory.close();
        kick.close();
        call.close();
        error.close();
        log.close();
    }
}
