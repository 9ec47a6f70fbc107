package io.vireo.virtqueue;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceRing;
import io.vireo.virtqueue.device.Direction;
import io.vireo.virtqueue.device.RingPlace;
import io.vireo.virtqueue.driver.DriverRing;
import java.util.List;

/** Both sides of one ring over one memory file, mapped twice as in life. The file is 0xA5 all over at first. */
final class RingFixture implements AutoCloseable {
    static final int SIZE = 8;
    static final long GUEST = 0x1000_0000L;
    static final long USER = 0x7000_0000_0000L;
    static final int BUFFERS = 0x4000;
    /** Room for indirect tables that tests make themselves. */
    static final int TABLE = 0x3000;

    final RingKind kind;
    final SharedMemory shared;
    final GuestMemory memory;
    final DriverRing driver;
    final DeviceRing device;
    final DescriptorChains chains = new DescriptorChains(16, 64);

    RingFixture(RingKind kind, Direction direction) throws Exception {
        this.kind = kind;
        shared = SharedMemory.allocate("ring", 0x1_0000, false);
        HostMemory.fill(shared.address(), shared.size(), (byte) 0xa5);
        memory = GuestMemory.map(
                List.of(new MemoryRegion(GUEST, shared.size(), USER, 0)),
                List.of(shared.fd().duplicate()));
        driver = DriverRing.create(shared.address(), GUEST, SIZE, kind.features);
        device = serve(driver.initialBase(), direction);
    }

    /** A device that takes the ring up at this base. */
    DeviceRing serve(int base, Direction direction) {
        return DeviceRing.serve(memory, place(), base, kind.features, direction);
    }

    RingPlace place() {
        long descriptors = user(driver.descriptors());
        long available = user(driver.available());
        long used = user(driver.used());
        return kind.isPacked()
                ? RingPlace.packed(memory, SIZE, descriptors, available, used)
                : RingPlace.split(memory, SIZE, descriptors, available, used);
    }

    private long user(long address) {
        return USER + (address - shared.address());
    }

    /** Offers one chain of buffers of the given lengths, one after the other from {@code guestAddress} on. */
    int offer(long guestAddress, boolean deviceWrites, int... lengths) {
        driver.begin();
        long at = guestAddress;
        for (int length : lengths) {
            driver.add(at, length, deviceWrites);
            at += length;
        }
        return driver.end();
    }

    /** Has one chain of one readable buffer go all the way. */
    void serveOne() {
        offer(GUEST + BUFFERS, false, 64);
        driver.publish();
        chains.clear();
        if (device.take(chains, 1) != 1) {
            throw new AssertionError("the chain was not taken: " + device.fault());
        }
        device.complete(chains);
        device.publish();
        driver.pollUsed();
    }

    // ---- what a hostile driver can do at any time

    /** Overwrites a split ring's descriptor. */
    void forgeSplit(int index, long address, int length, int flags, int next) {
        forge(descriptor(index), address, length, flags, next);
    }

    /** Overwrites a packed ring's descriptor, which becomes available in the first lap. */
    void forgePacked(int index, long address, int length, int flags) {
        forge(descriptor(index), address, length, index, flags | PackedRingLayout.DESCRIPTOR_F_AVAILABLE);
    }

    void forgeId(int index, int id) {
        HostMemory.putShort(descriptor(index) + 12, (short) id);
    }

    void forgeFlags(int index, int flags) {
        HostMemory.putShort(descriptor(index) + 14, (short) flags);
    }

    /** Overwrites what says when the driver wants interrupts: an event suppression structure, or an event index. */
    void forgeEvent(int event) {
        if (kind.isPacked()) {
            HostMemory.putInt(driver.available(), event);
        } else {
            HostMemory.putShort(driver.available() + SplitRingLayout.usedEventOffset(SIZE), (short) event);
        }
    }

    /** Writes an entry of the indirect table at {@link #TABLE}: split with flags and next, packed with id and flags. */
    void forgeTable(int index, long address, int length, int third, int fourth) {
        forge(shared.address() + TABLE + 16L * index, address, length, third, fourth);
    }

    private long descriptor(int index) {
        return driver.descriptors() + 16L * index;
    }

    private static void forge(long descriptor, long address, int length, int third, int fourth) {
        HostMemory.putLong(descriptor, address);
        HostMemory.putInt(descriptor + 8, length);
        HostMemory.putShort(descriptor + 12, (short) third);
        HostMemory.putShort(descriptor + 14, (short) fourth);
    }

    /** Makes {@code heads} of a split ring available without the driver's knowledge. */
    void forgeAvailable(int index, int... heads) {
        for (int i = 0; i < heads.length; i++) {
            HostMemory.putShort(driver.available() + SplitRingLayout.ENTRIES_OFFSET + 2L * i, (short) heads[i]);
        }
        HostMemory.putShort(driver.available() + SplitRingLayout.INDEX_OFFSET, (short) index);
    }

    @Override
    public void close() {
        memory.close();
        shared.close();
    }
}
