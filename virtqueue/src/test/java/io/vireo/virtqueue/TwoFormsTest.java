package io.vireo.virtqueue;

import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_INDIRECT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_NEXT;
import static io.vireo.virtqueue.SplitRingLayout.DESCRIPTOR_F_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.hugepages.GateForm;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingFault;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two copies of one guest with rings of any content, each served through one form of the bounds gate. Whatever is in the
 * rings, both do the same and leave the same behind; and the bounded one throws if anything beside a range that passed is
 * touched.
 */
@Tag("bounded-gate")
class TwoFormsTest {
    private static final int ROUNDS = 6000;
    private static final int STEPS = 12;
    /** Where in a split ring's driver area the available index is, in shorts. */
    private static final int INDEX = SplitRingLayout.INDEX_OFFSET / Short.BYTES;

    private static final List<Direction> WAYS = List.of(Direction.values());
    private static final long[] EDGES = {
        FormsGuest.GUEST,
        FormsGuest.GUEST + FormsGuest.BUFFERS,
        FormsGuest.GUEST + FormsGuest.SECOND,
        FormsGuest.GUEST + FormsGuest.THIRD,
        FormsGuest.APART,
        FormsGuest.APART + FormsGuest.FILE - FormsGuest.THIRD,
        0,
        -1,
        Long.MAX_VALUE
    };

    private final Random random = new Random(11);
    private final Set<RingFault> faults = EnumSet.noneOf(RingFault.class);
    private Direction way = Direction.READABLE;
    private int availableIndex;
    private int chains;

    @ParameterizedTest
    @EnumSource
    void doTheSameWhateverTheRingHolds(RingKind kind) throws Exception {
        try (FormsGuest bounded = new FormsGuest(kind, GateForm.BOUNDED);
                FormsGuest absolute = new FormsGuest(kind, GateForm.ABSOLUTE)) {
            for (int round = 0; round < ROUNDS; round++) {
                way = WAYS.get(random.nextInt(WAYS.size()));
                int base = random.nextInt(4) == 0 ? random.nextInt(0x1_0000) : 0;
                availableIndex = base;
                fill(kind, bounded, absolute);
                bounded.serve(base, way);
                absolute.serve(base, way);
                for (int step = 0; step < STEPS; step++) {
                    step(kind, bounded, absolute);
                }
                bounded.assertSameAs(absolute);
            }
        }
        assertTrue(chains > ROUNDS, chains + " chains in " + ROUNDS + " rounds");
        Set<RingFault> possible = possible(kind);
        assertTrue(faults.containsAll(possible), () -> "seen only " + faults + " of " + possible);
    }

    private static Set<RingFault> possible(RingKind kind) {
        Set<RingFault> all = EnumSet.of(
                RingFault.WRONG_DIRECTION,
                RingFault.ADDRESS_OUTSIDE_MEMORY,
                kind.isIndirect() ? RingFault.INDIRECT_TABLE_LENGTH : RingFault.INDIRECT_NOT_NEGOTIATED);
        if (!kind.isPacked()) {
            all.addAll(EnumSet.of(
                    RingFault.AVAILABLE_INDEX_TOO_FAR, RingFault.HEAD_OUT_OF_RANGE, RingFault.NEXT_OUT_OF_RANGE));
        }
        if (kind.isIndirect()) {
            all.add(RingFault.INDIRECT_WITHIN_CHAIN);
        }
        return all;
    }

    private void step(RingKind kind, FormsGuest bounded, FormsGuest absolute) {
        switch (random.nextInt(8)) {
            case 0 -> change(kind, bounded, absolute);
            case 1, 2, 3 -> take(bounded, absolute);
            case 4, 5 -> complete(bounded, absolute);
            case 6 -> ask(bounded, absolute);
            default -> {
                int chain = random.nextInt(FormsGuest.SIZE);
                bounded.giveBackFrom(chain);
                absolute.giveBackFrom(chain);
            }
        }
        bounded.assertTookAs(absolute);
    }

    private void take(FormsGuest bounded, FormsGuest absolute) {
        int limit = 1 + random.nextInt(FormsGuest.SIZE);
        int count = bounded.ring().take(bounded.chains, limit);
        assertEquals(count, absolute.ring().take(absolute.chains, limit));
        chains += count;
        RingFault fault = bounded.ring().fault();
        if (fault != null) {
            faults.add(fault);
        }
        bounded.assertTookAs(absolute);
        byte stamp = (byte) random.nextInt();
        assertEquals(bounded.touch(stamp), absolute.touch(stamp));
        if (fault != null) { // started again where it stands, as a frontend does
            int base = bounded.ring().base();
            availableIndex = base;
            bounded.serve(base, way);
            absolute.serve(base, way);
        }
    }

    private void complete(FormsGuest bounded, FormsGuest absolute) {
        if (random.nextBoolean()) {
            bounded.completeAll();
            absolute.completeAll();
        } else {
            int count = random.nextInt(bounded.chains.count() + 1);
            int[] written = random.ints(count).toArray();
            bounded.complete(count, written);
            absolute.complete(count, written);
        }
        both(bounded, absolute, ring -> {
            ring.publish();
            return ring.wantsInterrupt() ? 1 : 0;
        });
    }

    private void ask(FormsGuest bounded, FormsGuest absolute) {
        ToLongFunction<DeviceRing> question = switch (random.nextInt(5)) {
            case 0 -> ring -> ring.requestKicks() ? 1 : 0;
            case 1 -> ring -> ring.requestKicksForMore() ? 1 : 0;
            case 2 -> ring -> ring.isEmpty() ? 1 : 0;
            case 3 -> DeviceRing::base;
            default ->
                ring -> {
                    ring.suppressKicks();
                    return 0;
                };
        };
        both(bounded, absolute, question);
    }

    private static void both(FormsGuest bounded, FormsGuest absolute, ToLongFunction<DeviceRing> question) {
        assertEquals(question.applyAsLong(absolute.ring()), question.applyAsLong(bounded.ring()));
    }

    // ---- what is in the guest's memory

    /** Everything anew; a split ring's used index says where it stands, if it says anything. */
    private void fill(RingKind kind, FormsGuest bounded, FormsGuest absolute) {
        int base = availableIndex;
        for (int i = 0; i < FormsGuest.SIZE; i++) {
            changeDescriptor(kind, FormsGuest.DESCRIPTORS, i, bounded, absolute);
            changeDescriptor(kind, FormsGuest.TABLE, i, bounded, absolute);
        }
        for (int i = 0; i < FormsGuest.SIZE + 3; i++) {
            changeDriverArea(kind, i, bounded, absolute);
        }
        long used = random.nextInt(4) == 0 ? random.nextLong() : (long) base << 16;
        write(FormsGuest.DEVICE, Long.BYTES, used, bounded, absolute);
    }

    /** One thing, as a driver does at any time. */
    private void change(RingKind kind, FormsGuest bounded, FormsGuest absolute) {
        switch (random.nextInt(3)) {
            case 0 ->
                changeDescriptor(kind, FormsGuest.DESCRIPTORS, random.nextInt(FormsGuest.SIZE), bounded, absolute);
            case 1 -> changeDescriptor(kind, FormsGuest.TABLE, random.nextInt(FormsGuest.SIZE), bounded, absolute);
            default -> {
                int place = random.nextBoolean() ? INDEX : random.nextInt(FormsGuest.SIZE + 3);
                changeDriverArea(kind, place, bounded, absolute);
            }
        }
    }

    private void changeDescriptor(RingKind kind, int table, int index, FormsGuest bounded, FormsGuest absolute) {
        int flags = flags();
        long address = EDGES[1] + random.nextInt(0x1000);
        long length = random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(100);
        if ((flags & DESCRIPTOR_F_INDIRECT) != 0 && random.nextInt(4) != 0) {
            address = FormsGuest.GUEST + FormsGuest.TABLE;
            length = 16L * random.nextInt(FormsGuest.SIZE + 2);
        } else if (random.nextInt(12) == 0) {
            address = EDGES[random.nextInt(EDGES.length)] + random.nextInt(64) - 32;
            length = random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(64);
        }
        int next = random.nextInt(16) == 0 ? random.nextInt(0x1_0000) : random.nextInt(FormsGuest.SIZE);
        long rest = length & 0xffff_ffffL;
        if (kind.isPacked()) {
            int available = random.nextInt(8) == 0 ? random.nextInt(4) << 7 : PackedRingLayout.DESCRIPTOR_F_AVAILABLE;
            rest |= (long) next << PackedRingLayout.ID_SHIFT | (long) (flags | available) << 48;
        } else {
            rest |= (long) flags << 32 | (long) next << 48;
        }
        write(table + 16 * index, Long.BYTES, address, bounded, absolute);
        write(table + 16 * index + Long.BYTES, Long.BYTES, rest, bounded, absolute);
    }

    private int flags() {
        int flags = random.nextInt(3) == 0 ? DESCRIPTOR_F_NEXT : 0;
        flags |= (way == Direction.WRITABLE) == (random.nextInt(16) != 0) ? DESCRIPTOR_F_WRITE : 0;
        flags |= random.nextInt(10) == 0 ? DESCRIPTOR_F_INDIRECT : 0;
        return random.nextInt(64) == 0 ? random.nextInt(0x1_0000) : flags;
    }

    /** A split ring's flags, index, entry or used event; a packed ring's event suppression. */
    private void changeDriverArea(RingKind kind, int place, FormsGuest bounded, FormsGuest absolute) {
        if (kind.isPacked()) {
            write(FormsGuest.DRIVER, Integer.BYTES, random.nextInt(), bounded, absolute);
            return;
        }
        int value = random.nextInt(16) == 0 ? random.nextInt() : random.nextInt(FormsGuest.SIZE);
        if (place == INDEX) {
            availableIndex += random.nextInt(32) == 0 ? random.nextInt() : random.nextInt(FormsGuest.SIZE / 2);
            value = availableIndex;
        }
        write(FormsGuest.DRIVER + Short.BYTES * place, Short.BYTES, value, bounded, absolute);
    }

    private static void write(int offset, int bytes, long value, FormsGuest bounded, FormsGuest absolute) {
        bounded.write(offset, bytes, value);
        absolute.write(offset, bytes, value);
    }
}
