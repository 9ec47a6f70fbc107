package io.vireo.harness;

import static io.vireo.harness.HostileSession.header;
import static io.vireo.vhostuser.Request.ADD_MEM_REG;
import static io.vireo.vhostuser.Request.GET_INFLIGHT_FD;
import static io.vireo.vhostuser.Request.GET_VRING_BASE;
import static io.vireo.vhostuser.Request.REM_MEM_REG;
import static io.vireo.vhostuser.Request.RESET_OWNER;
import static io.vireo.vhostuser.Request.SET_BACKEND_REQ_FD;
import static io.vireo.vhostuser.Request.SET_FEATURES;
import static io.vireo.vhostuser.Request.SET_INFLIGHT_FD;
import static io.vireo.vhostuser.Request.SET_LOG_BASE;
import static io.vireo.vhostuser.Request.SET_LOG_FD;
import static io.vireo.vhostuser.Request.SET_MEM_TABLE;
import static io.vireo.vhostuser.Request.SET_PROTOCOL_FEATURES;
import static io.vireo.vhostuser.Request.SET_VRING_BASE;
import static io.vireo.vhostuser.Request.SET_VRING_CALL;
import static io.vireo.vhostuser.Request.SET_VRING_ENABLE;
import static io.vireo.vhostuser.Request.SET_VRING_ERR;
import static io.vireo.vhostuser.Request.SET_VRING_KICK;
import static io.vireo.vhostuser.Request.SET_VRING_NUM;

import io.vireo.hugepages.MemoryRegion;
import io.vireo.linux.Fd;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.Request;
import io.vireo.virtqueue.driver.DriverRing;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Something that a frontend should not say, or not so.
 *
 * @param ends whether the backend closes the connection, or goes on as if nothing had been
 */
record SessionAttack(String name, boolean ends, Deed deed) {
    /** Leaves the connection open, unless leaving is the deed. */
    interface Deed {
        void run(HostileSession h) throws IOException;
    }

    private static SessionAttack refused(String name, Deed deed) {
        return new SessionAttack(name, true, deed);
    }

    private static SessionAttack borne(String name, Deed deed) {
        return new SessionAttack(name, false, deed);
    }

    @Override
    public String toString() {
        return name;
    }

    static Stream<SessionAttack> all() {
        return Stream.of(
                        framing(),
                        sizes(),
                        descriptors(),
                        kinds(),
                        negotiation(),
                        rings(),
                        addresses(),
                        memory(),
                        logs())
                .flatMap(attacks -> attacks);
    }

    private static Stream<SessionAttack> framing() {
        return Stream.of(
                refused("unknown request", h -> h.raw(header(99, 1, 0))),
                refused("unknown request of 2^32-1", h -> h.raw(header(-1, 1, 0))),
                refused("request 0", h -> h.raw(header(0, 1, 0))),
                refused("another version", h -> h.raw(header(1, 2, 0))),
                refused("payload of 2^32-1 bytes", h -> h.raw(header(1, 1, -1))),
                refused("payload of 4097 bytes", h -> h.raw(header(1, 1, 4097))),
                borne("header in pieces", h -> {
                    for (byte piece : header(Request.GET_FEATURES.code(), 1, 0)) {
                        h.raw(new byte[] {piece});
                    }
                    h.answer();
                }),
                borne("payload in pieces", h -> {
                    h.raw(header(Request.SET_VRING_ENABLE.code(), 1, 8));
                    for (int i = 0; i < 8; i++) {
                        h.raw(new byte[1]);
                    }
                }));
    }

    /** Each request with payloads of sizes that are none of its own. */
    private static Stream<SessionAttack> sizes() {
        return Arrays.stream(Request.values()).flatMap(request -> {
            // a memory table may have room to spare: user-mode Linux's has
            int[] sizes = request == SET_MEM_TABLE ? new int[] {7, 265} : new int[] {7, 41};
            return Arrays.stream(sizes)
                    .mapToObj(size ->
                            refused(request + " with " + size + " bytes", h -> h.send(request, new byte[size])));
        });
    }

    private static Stream<SessionAttack> descriptors() {
        return Stream.of(
                refused("17 descriptors, of which one is cut off", h -> h.raw(header(1, 1, 0), times(h.kick.fd(), 17))),
                refused("100 descriptors", h -> h.raw(header(1, 1, 0), times(h.kick.fd(), 100))),
                refused(
                        "16 descriptors, then one more",
                        h -> h.raw(new byte[] {1}, times(h.kick.fd(), 16)).raw(new byte[11], h.kick.fd())),
                borne("descriptors with a request that has none", h -> {
                    h.send(Request.GET_FEATURES, new byte[0], h.kick.fd(), h.memory.fd());
                    h.answer();
                }),
                borne(
                        "a descriptor with a region's removal",
                        h -> h.negotiate()
                                .table(h.all())
                                .send(REM_MEM_REG, Payload.memoryRegion(h.all()), h.memory.fd())),
                refused("no kick", h -> h.u64(SET_VRING_KICK, 0)),
                refused("two kicks", h -> h.u64(SET_VRING_KICK, 0, h.kick.fd(), h.call.fd())),
                refused("a kick that is said not to be there", h -> h.u64(SET_VRING_KICK, 0x100, h.kick.fd())),
                refused("no call", h -> h.u64(SET_VRING_CALL, 0)),
                refused("two calls", h -> h.u64(SET_VRING_CALL, 0, h.kick.fd(), h.call.fd())),
                refused("no error descriptor", h -> h.u64(SET_VRING_ERR, 0)),
                refused("a table without its files", h -> h.send(SET_MEM_TABLE, Payload.memoryTable(one(h)))),
                refused(
                        "a table with a file too many",
                        h -> h.send(SET_MEM_TABLE, Payload.memoryTable(one(h)), h.memory.fd(), h.memory.fd())),
                refused("a region without its file", h -> h.add(h.all())),
                refused("a region with two files", h -> h.add(h.all(), h.memory.fd(), h.memory.fd())),
                refused("no channel of the backend's", h -> h.send(SET_BACKEND_REQ_FD, new byte[0])));
    }

    private static Stream<SessionAttack> kinds() {
        return Stream.of(
                refused("a kick that is a file", h -> h.prepare(0).u64(SET_VRING_KICK, 0, h.memory.fd())),
                refused("a call that is a file", h -> h.start(0).u64(SET_VRING_CALL, 0, h.memory.fd())),
                refused("an error descriptor that is a file", h -> h.start(0).u64(SET_VRING_ERR, 0, h.memory.fd())),
                refused("memory that is an eventfd", h -> h.add(h.all(), h.kick.fd())),
                refused("a table in an eventfd", h -> h.send(SET_MEM_TABLE, Payload.memoryTable(one(h)), h.kick.fd())),
                refused("a channel that is an eventfd", h -> h.send(SET_BACKEND_REQ_FD, new byte[0], h.kick.fd())),
                refused("tracking in an eventfd", h -> h.inflight(SET_INFLIGHT_FD, 4096, 0, 1, 64, h.kick.fd())));
    }

    private static Stream<SessionAttack> negotiation() {
        return Stream.of(
                refused("a feature never offered", h -> h.u64(SET_FEATURES, 1L << 63)),
                refused("all features", h -> h.u64(SET_FEATURES, -1)),
                refused("a protocol feature never offered", h -> h.u64(SET_PROTOCOL_FEATURES, 2)),
                refused("all protocol features", h -> h.u64(SET_PROTOCOL_FEATURES, -1)),
                refused(
                        "features without version 1, under a ring",
                        h -> h.start(0).u64(SET_FEATURES, 0)),
                borne(
                        "a ring enabled before it is set up",
                        h -> h.state(SET_VRING_ENABLE, 0, 1).state(SET_VRING_ENABLE, 1, 1)),
                refused("a ring enabled twice as much", h -> h.state(SET_VRING_ENABLE, 0, 2)),
                borne(
                        "a reset of what was never set up",
                        h -> h.send(RESET_OWNER, new byte[0]).send(Request.RESET_DEVICE, new byte[0])),
                borne(
                        "a reset under rings, and another",
                        h -> h.start(0).start(1).send(RESET_OWNER, new byte[0]).send(RESET_OWNER, new byte[0])));
    }

    private static Stream<SessionAttack> rings() {
        return Stream.of(
                refused("a ring of 0", h -> h.state(SET_VRING_NUM, 0, 0)),
                refused("a ring of 48", h -> h.state(SET_VRING_NUM, 0, 48)),
                refused("a ring of 65,536", h -> h.state(SET_VRING_NUM, 0, 65_536)),
                refused("a ring of 2^31", h -> h.state(SET_VRING_NUM, 0, Integer.MIN_VALUE)),
                borne("a ring's size again and again", h -> {
                    for (int size = 1; size <= 256; size *= 2) {
                        h.state(SET_VRING_NUM, 0, size);
                    }
                    h.prepare(0)
                            .state(SET_VRING_NUM, 0, HostileSession.RING_SIZE)
                            .kick(0);
                }),
                refused("a ring's size while it runs", h -> h.start(0).state(SET_VRING_NUM, 0, 32)),
                refused("a ring's base while it runs", h -> h.start(0).state(SET_VRING_BASE, 0, 1)),
                refused("a base of 65,536", h -> h.state(SET_VRING_BASE, 0, 65_536)),
                refused("ring 3 of 3", h -> h.state(SET_VRING_NUM, 3, 64)),
                refused("ring 255", h -> h.u64(SET_VRING_KICK, 255, h.kick.fd())),
                refused("ring 65,536", h -> h.state(SET_VRING_ENABLE, 65_536, 1)),
                refused("ring 2^32-1", h -> h.state(SET_VRING_BASE, -1, 0)),
                refused("bits of a kick that mean nothing", h -> h.u64(SET_VRING_KICK, 0x1_0000_0000L, h.kick.fd())),
                borne("the base of a ring never set up", h -> {
                    h.state(GET_VRING_BASE, 2, 0);
                    h.answer();
                }),
                refused("a start without anything", h -> h.kick(0)),
                refused(
                        "a start without memory",
                        h -> h.negotiate()
                                .state(SET_VRING_NUM, 0, 64)
                                .address(0, 0, 4096, 8192)
                                .kick(0)));
    }

    private static Stream<SessionAttack> addresses() {
        return Stream.of(
                refused(
                        "a ring outside",
                        h -> h.prepare(0).address(0, 0, 4096, 8192).kick(0)),
                refused("a ring partly inside", h -> {
                    DriverRing ring = h.prepare(0).ring(0);
                    long end = h.memory.address() + HostileSession.SIZE;
                    h.address(0, end - 16, ring.used(), ring.available()).kick(0);
                }),
                refused("a used ring that is not aligned", h -> {
                    DriverRing ring = h.prepare(0).ring(0);
                    h.address(0, ring.descriptors(), ring.used() + 2, ring.available())
                            .kick(0);
                }),
                refused("an available ring at 2^64-1", h -> {
                    DriverRing ring = h.prepare(0).ring(0);
                    h.address(0, ring.descriptors(), ring.used(), -1).kick(0);
                }),
                refused("a ring that moves away while it runs", h -> {
                    DriverRing ring = h.start(0).ring(0);
                    h.address(0, ring.descriptors(), 8, ring.available());
                }));
    }

    private static Stream<SessionAttack> memory() {
        return Stream.of(
                refused("an empty table", h -> h.table()),
                refused(
                        "nine regions",
                        h -> h.table(LongStream.range(0, 9)
                                .mapToObj(i -> new MemoryRegion(i << 32, 4096, 0, 0))
                                .toArray(MemoryRegion[]::new))),
                refused("regions that overlap", h -> h.table(h.all(), new MemoryRegion(4095, 4096, 0, 0))),
                refused("guest addresses that wrap", h -> h.table(new MemoryRegion(-4096, 8192, 0, 0))),
                refused("user addresses that wrap", h -> h.table(new MemoryRegion(0, 8192, -4096, 0))),
                refused("a size that wraps", h -> h.table(new MemoryRegion(4096, -4096, 0, 0))),
                refused("a region behind its file", h -> h.table(new MemoryRegion(0, 4096, 0, HostileSession.SIZE))),
                refused("an offset that wraps", h -> h.table(new MemoryRegion(0, 4096, 0, -4096))),
                refused("a table without the rings that run", h -> h.start(0).table(new MemoryRegion(0, 4096, 0, 0))),
                refused("33 regions", h -> {
                    for (long i = 0; i < 33; i++) {
                        h.add(new MemoryRegion(i * 4096, 4096, 0, 0), h.memory.fd());
                    }
                }),
                borne(
                        "a region twice, and away twice",
                        h -> h.add(h.all(), h.memory.fd())
                                .add(h.all(), h.memory.fd())
                                .send(REM_MEM_REG, Payload.memoryRegion(h.all()))
                                .send(REM_MEM_REG, Payload.memoryRegion(h.all()))),
                borne(
                        "a region away from under a ring, and back",
                        h -> h.start(0)
                                .send(REM_MEM_REG, Payload.memoryRegion(h.all()))
                                .send(ADD_MEM_REG, Payload.memoryRegion(h.all()), h.memory.fd())));
    }

    private static Stream<SessionAttack> logs() {
        return Stream.of(
                refused("a log", h -> h.send(SET_LOG_BASE, new byte[16], h.memory.fd())),
                refused("a log at 2^64-1", h -> h.u64(SET_LOG_BASE, -1)),
                refused("a log's eventfd", h -> h.send(SET_LOG_FD, new byte[0], h.kick.fd())),
                refused("tracking of 65,535 queues", h -> h.inflight(GET_INFLIGHT_FD, 0, 0, 65_535, 65_535)),
                refused("tracking of 0 queues", h -> h.inflight(GET_INFLIGHT_FD, 0, 0, 0, 0)),
                refused("tracking of 2^64-1 bytes", h -> h.inflight(SET_INFLIGHT_FD, -1, 0, 1, 64, h.memory.fd())),
                refused(
                        "tracking at 2^63-1",
                        h -> h.inflight(SET_INFLIGHT_FD, 4096, Long.MAX_VALUE, 1, 64, h.memory.fd())),
                refused(
                        "tracking over a file's end",
                        h -> h.inflight(SET_INFLIGHT_FD, HostileSession.SIZE, 1, 1, 64, h.memory.fd())));
    }

    private static List<MemoryRegion> one(HostileSession h) {
        return List.of(h.all());
    }

    private static Fd[] times(Fd fd, int count) {
        return Collections.nCopies(count, fd).toArray(Fd[]::new);
    }
}
