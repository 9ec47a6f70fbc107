package io.vireo.router.control;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.hugepages.HostMemory;
import io.vireo.virtqueue.Features;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Commands of the control queue, cut into segments anywhere: each is answered where there is room, once; the state stays
 * within what the device has, and changes only with OK.
 */
public final class ControlTarget implements FuzzTarget {
    private static final long MAC = 0x5254_0012_3401L;
    private static final int PAIRS = 4;
    private static final long OFFLOADS = Features.NET_GUEST_CSUM | Features.NET_GUEST_TSO4 | Features.NET_GUEST_TSO6;
    private static final long FEATURES = OFFLOADS
            | Features.NET_MQ
            | Features.NET_CTRL_RX
            | Features.NET_CTRL_RX_EXTRA
            | Features.NET_CTRL_MAC_ADDR
            | Features.NET_GUEST_ANNOUNCE
            | Features.NET_CTRL_GUEST_OFFLOADS;

    private static final int ROOM = 8192;
    private static final int UNANSWERED = 0x5A;

    private final MemorySegment memory = Arena.global().allocate(ROOM + 1, Long.BYTES);
    private final ControlCommand command = new ControlCommand();

    /** What a command may change. */
    private record State(int pairs, long offloads, boolean announcing) {
        static State of(ControlQueue queue) {
            return new State(queue.activePairs(), queue.guestOffloads(FEATURES), queue.isAnnouncePending());
        }
    }

    @Override
    public List<byte[]> seeds() {
        byte[] pairs = {3, 1, 4, 4, 0, 2, 0};
        byte[] mac = {3, 1, 8, 1, 1, 0x52, 0x54, 0, 0x12, 0x34, 1};
        byte[] table = {3, 9, 14, 1, 0, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0};
        byte[] offloads = {3, 1, 10, 5, 0, (byte) 0x82, 0, 0, 0, 0, 0, 0, 0};
        byte[] mode = {3, 0, 3, 0, 0, 1, 3, 1, 2, 3, 0};
        return List.of(pairs, mac, table, offloads, mode);
    }

    @Override
    public void run(Input input) {
        ControlQueue queue = new ControlQueue(MAC, PAIRS, OFFLOADS);
        long features = (input.flag() ? FEATURES : 0) | (input.flag() ? 0 : Features.NET_MQ);
        queue.start(features);
        long refused = 0;
        while (input.hasMore()) {
            int options = input.u8();
            byte[] bytes = input.take(input.u8());
            if ((options & 0x40) != 0) {
                queue.requestAnnouncement();
            }
            State before = State.of(queue);
            boolean answerable = (options & 1) != 0;
            int status = serve(queue, bytes, options, answerable);
            claim(status == (answerable ? status & 1 : UNANSWERED), "a status, or no room for one");
            State after = State.of(queue);
            claim(status == 0 || before.equals(after), "changed without OK");
            claim(after.pairs >= 1 && after.pairs <= PAIRS, "pairs that there are");
            claim((after.offloads & ~(features & OFFLOADS)) == 0, "offloads that were negotiated");
            refused += status == 0 ? 0 : 1;
            claim(queue.refused() == refused, "counted");
        }
    }

    private int serve(ControlQueue queue, byte[] bytes, int options, boolean answerable) {
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
        long status = memory.address() + ROOM;
        HostMemory.putByte(status, (byte) UNANSWERED);
        command.clear();
        int piece = 1 + ((options >> 1) & 7);
        for (int at = 0; at < bytes.length; at += piece) {
            command.add(memory.address() + at, Math.min(piece, bytes.length - at), false);
        }
        if ((options & 0x80) != 0) {
            command.add(memory.address(), ROOM, false); // more than is kept
        }
        if (answerable) {
            command.add(status, 1, true);
        }
        claim(queue.serve(command) == (answerable ? 1 : 0), "what was written");
        return HostMemory.getByte(status);
    }
}
