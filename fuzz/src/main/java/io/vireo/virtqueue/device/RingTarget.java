package io.vireo.virtqueue.device;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.hugepages.GateForm;
import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingModel.Chain;
import io.vireo.virtqueue.device.RingModel.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A device's ring in a memory that its driver writes into as it likes. After two bytes of options and two of the base, each
 * byte of the input is something that either side does, with what it needs behind it. The ring is held against a
 * {@link RingModel}: the same chains, in the same order, broken at the same place, each completed once.
 */
abstract class RingTarget implements FuzzTarget {
    /** Where the parts of a ring are in the memory file. */
    static final int DESCRIPTORS = 0;

    static final int DRIVER = 0x400;
    static final int DEVICE = 0x800;

    /** Two regions that touch each other for the guest; a range in both of them is in none. */
    private static final int FIRST_SIZE = 0x2000;

    private static final int SECOND_SIZE = 0x1000;
    private static final long GUEST = 0x1000;
    private static final long USER = 0x7000_0000_0000L;

    private static final List<Direction> DIRECTIONS = List.of(Direction.READABLE, Direction.WRITABLE, Direction.BOTH);

    /** What may be under way: fewer chains than the largest ring has, so that there is not always room. */
    private static final int MOST_CHAINS = 12;

    private final SharedMemory shared;
    /** The same memory by way of the gate in each of its forms that this process has. */
    private final List<GuestMemory> forms = new ArrayList<>();

    private final ByteBuffer bytes;
    private GuestMemory memory;

    private final DescriptorChains chains = new DescriptorChains(MOST_CHAINS, 3 * 16);
    private final List<Chain> taken = new ArrayList<>();
    private long features;
    private int size;
    private Direction direction = Direction.READABLE;
    private DeviceRing ring;
    private RingModel model;

    RingTarget() {
        try {
            shared = SharedMemory.allocate("fuzz", FIRST_SIZE + SECOND_SIZE, false);
            forms.add(map(GateForm.ABSOLUTE));
            if (GateForm.ofThisProcess() == GateForm.BOUNDED) {
                forms.add(map(GateForm.BOUNDED));
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        memory = forms.getFirst();
        bytes = HostMemory.ALL
                .asSlice(shared.address(), shared.size())
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
        ring = serve(2, 0);
        model = model(bytes, 2, false, direction, ring);
    }

    private GuestMemory map(GateForm form) throws IOException {
        return GuestMemory.map(
                List.of(
                        new MemoryRegion(GUEST, FIRST_SIZE, USER, 0),
                        new MemoryRegion(GUEST + FIRST_SIZE, SECOND_SIZE, USER + FIRST_SIZE, FIRST_SIZE)),
                List.of(shared.fd().duplicate(), shared.fd().duplicate()),
                form);
    }

    /** Where a range that is wholly in one region lies in the memory file, or -1. */
    static long offsetOf(long guestAddress, long length) {
        boolean first = guestAddress >= GUEST && guestAddress < GUEST + FIRST_SIZE;
        boolean second = guestAddress >= GUEST + FIRST_SIZE && guestAddress < GUEST + FIRST_SIZE + SECOND_SIZE;
        long end = GUEST + FIRST_SIZE + (first ? 0 : SECOND_SIZE);
        return (first || second) && guestAddress + length <= end ? guestAddress - GUEST : -1;
    }

    abstract long format();

    abstract RingPlace place(GuestMemory memory, int size, long descriptors, long driver, long device);

    abstract RingModel model(ByteBuffer bytes, int size, boolean indirect, Direction direction, DeviceRing ring);

    /** Has the driver make something available, in a way that often means something. */
    abstract void offer(Input input, ByteBuffer bytes, int size);

    private DeviceRing serve(int entries, int base) {
        RingPlace place = place(memory, entries, USER + DESCRIPTORS, USER + DRIVER, USER + DEVICE);
        return DeviceRing.serve(memory, place, base, features, direction);
    }

    /** Once for each form of the gate, which must leave the same memory behind. */
    @Override
    public final void run(Input input) {
        byte[] whole = input.rest();
        byte[] first = new byte[0];
        for (GuestMemory form : forms) {
            memory = form;
            runOnce(new Input(whole));
            byte[] after = new byte[bytes.capacity()];
            bytes.get(0, after);
            claim(first.length == 0 || Arrays.equals(first, after), "what the other form of the gate left behind");
            first = after;
        }
    }

    private void runOnce(Input input) {
        HostMemory.fill(shared.address(), shared.size(), (byte) 0);
        int options = input.u8();
        features = format()
                | ((options & 1) == 0 ? 0 : Features.RING_EVENT_IDX)
                | ((options & 2) == 0 ? 0 : Features.RING_INDIRECT_DESC)
                | ((options & 4) == 0 ? 0 : Features.IN_ORDER);
        size = 2 << ((options >> 3) & 3);
        direction = DIRECTIONS.get((options >> 5) % DIRECTIONS.size());
        int base = input.u16();
        write(input);
        start(base);
        while (input.hasMore()) {
            step(input);
        }
    }

    private void start(int base) {
        chains.clear();
        taken.clear();
        ring = serve(size, base);
        model = model(bytes, size, (features & Features.RING_INDIRECT_DESC) != 0, direction, ring);
    }

    private void step(Input input) {
        switch (input.below(9)) {
            case 0 -> write(input);
            case 1 -> describe(input);
            case 2, 3 -> offer(input, bytes, size);
            case 4 -> take(1 + input.below(MOST_CHAINS));
            case 5 -> complete(input, true);
            case 6 -> complete(input, false);
            case 7 -> rewind(input);
            default -> notifications(input);
        }
    }

    private void write(Input input) {
        int at = input.u16() % (int) shared.size();
        byte[] content = input.take(input.below(64));
        bytes.put(at, content, 0, Math.min(content.length, (int) shared.size() - at));
    }

    /** Writes a descriptor: into the ring, or where an indirect table may be. */
    private void describe(Input input) {
        int entry = input.below(64);
        int at = entry < 32 ? DESCRIPTORS + entry * RingModel.DESCRIPTOR : 0x1000 + (entry - 32) * RingModel.DESCRIPTOR;
        bytes.putLong(at, input.u16());
        bytes.putInt(at + 8, input.u16());
        bytes.putShort(at + 12, (short) input.u8());
        bytes.putShort(at + 14, (short) (input.u8() | input.u8() << 8));
    }

    private void take(int limit) {
        int before = chains.count();
        boolean wasBroken = ring.fault() != null;
        int count = ring.take(chains, limit);
        claim(count == chains.count() - before && count <= limit, "what was taken");
        claim(!wasBroken || count == 0, "nothing from a broken ring");
        if (!wasBroken) {
            expect(before, limit, ring.fault() != null);
        }
    }

    private void expect(int before, int limit, boolean broken) {
        boolean breaks = false;
        while (taken.size() < before + limit && !breaks && hasRoom()) {
            try {
                Optional<Chain> next = model.next();
                if (next.isEmpty()) {
                    break;
                }
                taken.add(next.get());
            } catch (RingModel.Broken e) {
                breaks = true;
            }
        }
        claim(breaks == broken, broken ? "broken by a driver that did no wrong" : "not broken by what breaks it");
        claim(taken.size() == chains.count(), "as many chains");
        for (int i = before; i < chains.count(); i++) {
            compare(taken.get(i), i);
        }
    }

    private boolean hasRoom() {
        int segments = taken.stream().mapToInt(chain -> chain.segments().size()).sum();
        return taken.size() < MOST_CHAINS && segments + size <= chains.address.length;
    }

    private void compare(Chain chain, int i) {
        claim(chains.head[i] == chain.id(), "which chain");
        claim((short) chains.position[i] == (short) chain.position(), "where it lies"); // counted on and on
        int first = chains.firstSegment[i];
        claim(chains.firstSegment[i + 1] - first == chain.segments().size(), "how many segments");
        claim(chains.firstWritable[i] - first == chain.writable(), "where the writable ones begin");
        claim(chains.bytes[i] == chain.bytes(), "how many bytes");
        for (Segment segment : chain.segments()) {
            claim(chains.length[first] == segment.length(), "a segment's length");
            // Reached by both mappings: a wrong address would show another byte, or none.
            int last = (int) segment.length() - 1;
            bytes.put((int) segment.offset(), (byte) first);
            bytes.put((int) segment.offset() + last, (byte) ~first);
            claim(HostMemory.getByte(chains.address[first] + last) == (byte) ~first, "what is at its end");
            claim(last == 0 || HostMemory.getByte(chains.address[first]) == (byte) first, "what is there");
            first++;
        }
    }

    private void complete(Input input, boolean asBatch) {
        int[] written = new int[chains.count()];
        if (asBatch) {
            ring.complete(chains);
        } else {
            for (int i = 0; i < written.length; i++) {
                written[i] = (int) (input.u8() % (taken.get(i).bytes() + 1));
            }
            ring.complete(chains, written.length, written);
        }
        ring.publish();
        model.completed(taken, written, asBatch && (features & Features.IN_ORDER) != 0);
        claim(ring.isPublicationDue() || written.length == 0, "something to tell of");
        ring.wantsInterrupt();
        chains.clear();
        taken.clear();
    }

    private void rewind(Input input) {
        if (taken.isEmpty()) {
            return;
        }
        int kept = input.below(taken.size());
        Chain first = taken.get(kept);
        chains.truncate(kept);
        ring.rewind(first.position());
        model.rewind(first);
        taken.subList(kept, taken.size()).clear();
    }

    private void notifications(Input input) {
        switch (input.below(4)) {
            case 0 -> claim(ring.requestKicks() || ring.isEmpty(), "no kick will come for what is there");
            case 1 -> ring.requestKicksForMore();
            case 2 -> ring.suppressKicks();
            default -> {
                if (taken.isEmpty() && ring.fault() == null) {
                    start(ring.base()); // another backend takes it up
                }
            }
        }
    }
}
