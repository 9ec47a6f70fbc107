package io.vireo.vhostuser.backend;

import static io.vireo.vhostuser.Request.ADD_MEM_REG;
import static io.vireo.vhostuser.Request.GET_CONFIG;
import static io.vireo.vhostuser.Request.GET_INFLIGHT_FD;
import static io.vireo.vhostuser.Request.GET_VRING_BASE;
import static io.vireo.vhostuser.Request.NET_SET_MTU;
import static io.vireo.vhostuser.Request.REM_MEM_REG;
import static io.vireo.vhostuser.Request.SET_BACKEND_REQ_FD;
import static io.vireo.vhostuser.Request.SET_CONFIG;
import static io.vireo.vhostuser.Request.SET_FEATURES;
import static io.vireo.vhostuser.Request.SET_INFLIGHT_FD;
import static io.vireo.vhostuser.Request.SET_LOG_BASE;
import static io.vireo.vhostuser.Request.SET_LOG_FD;
import static io.vireo.vhostuser.Request.SET_MEM_TABLE;
import static io.vireo.vhostuser.Request.SET_PROTOCOL_FEATURES;
import static io.vireo.vhostuser.Request.SET_STATUS;
import static io.vireo.vhostuser.Request.SET_VRING_BASE;
import static io.vireo.vhostuser.Request.SET_VRING_CALL;
import static io.vireo.vhostuser.Request.SET_VRING_ENABLE;
import static io.vireo.vhostuser.Request.SET_VRING_ERR;
import static io.vireo.vhostuser.Request.SET_VRING_KICK;
import static io.vireo.vhostuser.Request.SET_VRING_NUM;
import static io.vireo.vhostuser.backend.HostileFrontend.header;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.vhostuser.Payload;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A way to break the protocol.
 *
 * @param logged what the line that ends the session says of it
 */
record Violation(String logged, Attack attack) {
    interface Attack {
        void run(HostileFrontend frontend, SessionFixture fixture) throws IOException;
    }

    private static Violation violation(String logged, Attack attack) {
        return new Violation(logged, attack);
    }

    @Override
    public String toString() {
        return logged;
    }

    static Stream<Violation> all() {
        return Stream.of(framing(), descriptors(), negotiation(), rings(), memory(), slots(), inflight())
                .flatMap(violations -> violations);
    }

    private static Stream<Violation> framing() {
        return Stream.of(
                violation("unknown request 99", (h, f) -> h.raw(header(99, 1, 0))),
                violation("unknown request 99", (h, f) -> h.raw(header(99, 9, 0))),
                violation("unknown request 0", (h, f) -> h.raw(header(0, 1, 0))),
                violation("unknown request 4294967295", (h, f) -> h.raw(header(-1, 1, 0))),
                violation("flags 0x0 is not of version 1", (h, f) -> h.raw(header(1, 0, 0))),
                violation("flags 0x2 is not of version 1", (h, f) -> h.raw(header(1, 2, 0))),
                violation("flags 0x3 is not of version 1", (h, f) -> h.raw(header(1, 3, 0))),
                violation("payload of 4097 bytes, at most 4096", (h, f) -> h.raw(header(1, 1, 4097))),
                violation("payload of 4294967295 bytes, at most 4096", (h, f) -> h.raw(header(1, 1, -1))),
                violation("payload of 2147483648 bytes", (h, f) -> h.raw(header(1, 1, Integer.MIN_VALUE))),
                violation(
                        "the connection ended inside a message",
                        (h, f) -> h.raw(new byte[5]).close()),
                violation(
                        "the connection ended inside a message",
                        (h, f) -> h.raw(header(2, 1, 8), f.kick.fd()).close()),
                violation(
                        "the connection ended inside a message",
                        (h, f) -> h.raw(header(2, 1, 8)).raw(new byte[7]).close()));
    }

    private static Stream<Violation> descriptors() {
        return Stream.of(
                violation("descriptors were cut off", (h, f) -> h.flood(header(1, 1, 0), 17)),
                violation(
                        "more than 16 descriptors",
                        (h, f) -> h.flood(new byte[] {1}, 16).flood(new byte[11], 1)),
                violation("SET_VRING_KICK with 0 descriptors, expected 1", (h, f) -> h.u64(SET_VRING_KICK, 0)),
                violation("SET_VRING_CALL with 0 descriptors, expected 1", (h, f) -> h.u64(SET_VRING_CALL, 0)),
                violation("SET_VRING_ERR with 0 descriptors, expected 1", (h, f) -> h.u64(SET_VRING_ERR, 0)),
                violation(
                        "SET_VRING_KICK with 2 descriptors, expected 1",
                        (h, f) -> h.u64(SET_VRING_KICK, 0, f.kick.fd(), f.call.fd())),
                violation(
                        "SET_VRING_CALL with 1 descriptors, expected 0",
                        (h, f) -> h.u64(SET_VRING_CALL, 0x100, f.call.fd())),
                violation(
                        "SET_VRING_KICK with a descriptor that is no eventfd",
                        (h, f) -> h.u64(SET_VRING_KICK, 0, f.memory.file)),
                violation(
                        "SET_VRING_CALL with a descriptor that is neither eventfd nor",
                        (h, f) -> h.u64(SET_VRING_CALL, 0, f.memory.file)),
                violation(
                        "SET_VRING_ERR with a descriptor that is neither eventfd nor",
                        (h, f) -> h.u64(SET_VRING_ERR, 0, f.memory.file)),
                violation(
                        "SET_BACKEND_REQ_FD with 0 descriptors, expected 1",
                        (h, f) -> h.send(SET_BACKEND_REQ_FD, new byte[0])),
                violation(
                        "SET_BACKEND_REQ_FD with a descriptor that is no Unix socket",
                        (h, f) -> h.send(SET_BACKEND_REQ_FD, new byte[0], f.kick.fd())),
                violation("a memory table of 1 regions came with 0 descriptors", (h, f) -> h.table(f.memory.table())),
                violation(
                        "a memory table of 1 regions came with 2 descriptors",
                        (h, f) -> h.table(f.memory.table(), f.memory.file, f.memory.file)),
                violation(
                        "neither shared memory nor on a local disk", (h, f) -> h.table(f.memory.table(), f.kick.fd())));
    }

    private static Stream<Violation> negotiation() {
        return Stream.of(
                violation("SET_FEATURES with 0x1, which was never offered", (h, f) -> h.u64(SET_FEATURES, 1)),
                violation("SET_FEATURES with 0x8000000000000000", (h, f) -> h.u64(SET_FEATURES, Long.MIN_VALUE)),
                violation(
                        "SET_PROTOCOL_FEATURES with 0x2, which was never offered",
                        (h, f) -> h.u64(SET_PROTOCOL_FEATURES, 2)),
                violation(
                        "SET_CONFIG of a configuration space that is read-only",
                        (h, f) -> h.send(SET_CONFIG, new Payload.Config(0, 0, new byte[6]).write())),
                violation(
                        "GET_CONFIG of 2 bytes at 255",
                        (h, f) -> h.send(GET_CONFIG, new Payload.Config(255, 0, new byte[2]).write())),
                violation(
                        "GET_CONFIG of 257 bytes at 0",
                        (h, f) -> h.send(GET_CONFIG, new Payload.Config(0, 0, new byte[257]).write())),
                violation(
                        "GET_CONFIG of 1 bytes at 4294967295",
                        (h, f) -> h.send(GET_CONFIG, new Payload.Config(-1, 0, new byte[1]).write())),
                violation(
                        "SET_LOG_BASE, but logging of a migration is not offered",
                        (h, f) -> h.send(SET_LOG_BASE, new byte[16], f.memory.file)),
                violation("SET_LOG_BASE, but logging", (h, f) -> h.u64(SET_LOG_BASE, -1)),
                violation(
                        "SET_LOG_FD, but logging of a migration is not offered",
                        (h, f) -> h.send(SET_LOG_FD, new byte[0], f.kick.fd())),
                violation("NET_SET_MTU of 1501", (h, f) -> h.u64(NET_SET_MTU, 1501)),
                violation("NET_SET_MTU of 18446744073709551615", (h, f) -> h.u64(NET_SET_MTU, -1)),
                violation("SET_STATUS of 0x100", (h, f) -> h.u64(SET_STATUS, 0x100)));
    }

    private static Stream<Violation> rings() {
        return Stream.of(
                violation("vring 2 of a device with 2 vrings", (h, f) -> h.state(SET_VRING_NUM, 2, 64)),
                violation("vring 2 of a device with 2 vrings", (h, f) -> h.address(2, 0, 0, 0)),
                violation("vring 4294967295 of a device", (h, f) -> h.state(SET_VRING_BASE, -1, 0)),
                violation("vring 2147483648 of a device", (h, f) -> h.state(GET_VRING_BASE, Integer.MIN_VALUE, 0)),
                violation("vring 7 of a device", (h, f) -> h.state(SET_VRING_ENABLE, 7, 1)),
                violation("vring 255 of a device", (h, f) -> h.u64(SET_VRING_KICK, 255, f.kick.fd())),
                violation("vring 2 of a device", (h, f) -> h.u64(SET_VRING_CALL, 2, f.call.fd())),
                violation("vring 2 of a device", (h, f) -> h.u64(SET_VRING_ERR, 2, f.call.fd())),
                violation("SET_VRING_KICK of 0x200", (h, f) -> h.u64(SET_VRING_KICK, 0x200, f.kick.fd())),
                violation("SET_VRING_NUM of 0, a power of two up to 256", (h, f) -> h.state(SET_VRING_NUM, 0, 0)),
                violation("SET_VRING_NUM of 48", (h, f) -> h.state(SET_VRING_NUM, 0, 48)),
                violation("SET_VRING_NUM of 512", (h, f) -> h.state(SET_VRING_NUM, 0, 512)),
                violation("SET_VRING_NUM of 2147483648", (h, f) -> h.state(SET_VRING_NUM, 0, Integer.MIN_VALUE)),
                violation(
                        "SET_VRING_NUM while ring 1 runs", (h, f) -> h.start(1).state(SET_VRING_NUM, 1, 64)),
                violation(
                        "SET_VRING_BASE while ring 1 runs", (h, f) -> h.start(1).state(SET_VRING_BASE, 1, 0)),
                violation("SET_VRING_BASE of 65536", (h, f) -> h.state(SET_VRING_BASE, 0, 65_536)),
                violation("SET_VRING_BASE of 4294967295", (h, f) -> h.state(SET_VRING_BASE, 0, -1)),
                violation("SET_VRING_ENABLE of 2", (h, f) -> h.state(SET_VRING_ENABLE, 0, 2)),
                violation(
                        "ring 0 was started before its size and addresses",
                        (h, f) -> h.negotiate().u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 0 was started before its size and addresses",
                        (h, f) -> h.negotiate().state(SET_VRING_NUM, 0, 64).u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 0 was started without VIRTIO_F_VERSION_1",
                        (h, f) -> h.prepare(0).u64(SET_FEATURES, 0).u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 0: descriptor table at 0x0, 1024 bytes, is not inside",
                        (h, f) -> h.prepare(0)
                                .address(0, 0, f.memory.used(0), f.memory.available(0))
                                .u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 0: available ring at 0x70000000ffff",
                        (h, f) -> h.prepare(0)
                                .address(
                                        0,
                                        f.memory.descriptors(0),
                                        f.memory.used(0),
                                        f.memory.user + FrontendMemory.SIZE - 1)
                                .u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 0: used ring at 0x700000002002 is not aligned to 4",
                        (h, f) -> h.prepare(0)
                                .address(0, f.memory.descriptors(0), f.memory.used(0) + 2, f.memory.available(0))
                                .u64(SET_VRING_KICK, 0, f.kick.fd())),
                violation(
                        "ring 1: used ring at 0xffffffffffffffff",
                        (h, f) -> h.start(1).address(1, f.memory.descriptors(1), -1, f.memory.available(1))));
    }

    private static Stream<Violation> memory() {
        long guest = FrontendMemory.GUEST;
        return Stream.of(
                violation("payload of 296 bytes, expected for 9 regions 296", (h, f) -> {
                    Stream<MemoryRegion> nine =
                            LongStream.range(0, 9).mapToObj(i -> new MemoryRegion(i << 32, 1, 0, 0));
                    h.table(nine.toList());
                }),
                violation(
                        "wraps around the address space",
                        (h, f) -> h.table(List.of(new MemoryRegion(guest, 4096, -4095, 0)), f.memory.file)),
                violation("a memory table of 0 regions", (h, f) -> h.table(List.of())),
                violation(
                        "ends behind its file",
                        (h, f) -> h.table(
                                List.of(new MemoryRegion(guest, 2 * FrontendMemory.SIZE, 0, 0)), f.memory.file)),
                violation(
                        "impossible size",
                        (h, f) -> h.table(List.of(new MemoryRegion(guest, -4096, 0, 0)), f.memory.file)),
                violation(
                        "overlap",
                        (h, f) -> h.table(
                                List.of(
                                        new MemoryRegion(guest, 8192, 0, 0),
                                        new MemoryRegion(guest + 4096, 4096, 0, 0)),
                                f.memory.file,
                                f.memory.file)),
                violation("a payload of 40 bytes, expected for 2 regions 72", (h, f) -> {
                    byte[] payload = Payload.memoryTable(f.memory.table());
                    payload[0] = 2;
                    h.send(SET_MEM_TABLE, payload, f.memory.file);
                }),
                violation("SET_MEM_TABLE with a payload of 40 bytes", (h, f) -> {
                    byte[] payload = Payload.memoryTable(f.memory.table());
                    payload[3] = (byte) 0x80;
                    h.send(SET_MEM_TABLE, payload, f.memory.file);
                }),
                violation(
                        "ring 1: descriptor table at 0x700000004000",
                        (h, f) -> h.start(1)
                                .table(List.of(new MemoryRegion(guest, 4096, f.memory.user, 0)), f.memory.file)));
    }

    private static Stream<Violation> slots() {
        MemoryRegion region = new MemoryRegion(FrontendMemory.GUEST, 4096, 0x7000_0000_0000L, 0);
        return Stream.of(
                violation("ADD_MEM_REG with 0 descriptors, expected 1", (h, f) -> h.region(ADD_MEM_REG, region)),
                violation(
                        "ADD_MEM_REG with 2 descriptors, expected 1",
                        (h, f) -> h.region(ADD_MEM_REG, region, f.memory.file, f.kick.fd())),
                violation(
                        "neither shared memory nor on a local disk",
                        (h, f) -> h.region(ADD_MEM_REG, region, f.kick.fd())),
                violation(
                        "overlap",
                        (h, f) -> h.region(ADD_MEM_REG, f.memory.table().getFirst(), f.memory.file)
                                .region(ADD_MEM_REG, region, f.memory.file)),
                violation(
                        "REM_MEM_REG with 2 descriptors, expected 0 or 1",
                        (h, f) -> h.region(REM_MEM_REG, region, f.kick.fd(), f.memory.file)),
                violation("33 memory regions, at most 32 are allowed", (h, f) -> {
                    for (long i = 0; i <= GuestMemory.MAX_REGIONS; i++) {
                        h.region(ADD_MEM_REG, new MemoryRegion(i * 4096, 4096, 0, 0), f.memory.file);
                    }
                }),
                violation(
                        "ring 1: descriptor table at 0x700000004000",
                        (h, f) -> h.start(1)
                                .region(REM_MEM_REG, f.memory.table().getFirst())
                                .table(List.of(region), f.memory.file)));
    }

    private static Stream<Violation> inflight() {
        long needed = 2 * 1088; // two rings of 64 entries, each with a header of 16 bytes, on to a multiple of 64
        return Stream.of(
                violation(
                        "GET_INFLIGHT_FD for 0 queues of a device with 2",
                        (h, f) -> h.inflight(GET_INFLIGHT_FD, 0, 0, 0, 64)),
                violation(
                        "GET_INFLIGHT_FD for 65535 queues of a device with 2",
                        (h, f) -> h.inflight(GET_INFLIGHT_FD, 0, 0, 65_535, 64)),
                violation(
                        "GET_INFLIGHT_FD for queues of 65535, up to 256",
                        (h, f) -> h.inflight(GET_INFLIGHT_FD, 0, 0, 2, 65_535)),
                violation(
                        "GET_INFLIGHT_FD for queues of 0, up to 256",
                        (h, f) -> h.inflight(GET_INFLIGHT_FD, 0, 0, 2, 0)),
                violation(
                        "SET_INFLIGHT_FD with 0 descriptors, expected 1",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, needed, 0, 2, 64)),
                violation(
                        "SET_INFLIGHT_FD with a descriptor that is no shared memory",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, needed, 0, 2, 64, f.kick.fd())),
                violation(
                        "SET_INFLIGHT_FD of 2175 bytes, 2176 are needed",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, needed - 1, 0, 2, 64, f.memory.file)),
                violation(
                        "SET_INFLIGHT_FD of 18446744073709551615 bytes",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, -1, 0, 2, 64, f.memory.file)),
                violation(
                        "SET_INFLIGHT_FD of 9223372036854775807 bytes at 0",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, Long.MAX_VALUE, 0, 2, 64, f.memory.file)),
                violation(
                        "SET_INFLIGHT_FD of 2176 bytes at 18446744073709551615",
                        (h, f) -> h.inflight(SET_INFLIGHT_FD, needed, -1, 2, 64, f.memory.file)),
                violation(
                        "SET_INFLIGHT_FD of 2176 bytes at 63361 of a file of 65536",
                        (h, f) -> h.inflight(
                                SET_INFLIGHT_FD, needed, FrontendMemory.SIZE - needed + 1, 2, 64, f.memory.file)));
    }
}
