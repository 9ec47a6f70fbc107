package io.vireo.virtqueue;

import io.vireo.hugepages.GuestMemory;
import io.vireo.hugepages.HostMemory;
import io.vireo.hugepages.MemoryRegion;
import io.vireo.hugepages.SharedMemory;
import io.vireo.virtqueue.device.DescriptorChains;
import io.vireo.virtqueue.device.DeviceSplitRing;
import io.vireo.virtqueue.device.SplitRingPlace;
import io.vireo.virtqueue.driver.DriverSplitRing;
import java.util.List;

/** Both sides of one ring over one memory file, mapped twice as in life. The file is 0xA5 all over at first. */
final class SplitRingFixture implements AutoCloseable {
    static final int SIZE = 8;
    static final long GUEST = 0x1000_0000L;
    static final long USER = 0x7000_0000_0000L;
    static final int BUFFERS = 0x4000;

    final SharedMemory shared;
    final GuestMemory memory;
    final DriverSplitRing driver;
    final DeviceSplitRing device;
    final DescriptorChains chains = new DescriptorChains(16, 64);

    SplitRingFixture(boolean eventIndex, boolean writable) throws Exception {
        shared = SharedMemory.allocate("ring", 0x1_0000, false);
        HostMemory.fill(shared.address(), shared.size(), (byte) 0xa5);
        memory = GuestMemory.map(
                List.of(new MemoryRegion(GUEST, shared.size(), USER, 0)),
                List.of(shared.fd().duplicate()));
        driver = new DriverSplitRing(shared.address(), SIZE, eventIndex);
        device = new DeviceSplitRing(memory, place(), 0, eventIndex, writable);
    }

    SplitRingPlace place() {
        return SplitRingPlace.locate(
                memory, SIZE, user(driver.descriptors()), user(driver.available()), user(driver.used()));
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

    /** Overwrites a descriptor, as a hostile driver can at any time. */
    void forge(int index, long address, int length, int flags, int next) {
        long descriptor = driver.descriptors() + (long) index * SplitRingLayout.DESCRIPTOR_SIZE;
        HostMemory.putLong(descriptor, address);
        HostMemory.putInt(descriptor + 8, length);
        HostMemory.putShort(descriptor + 12, (short) flags);
        HostMemory.putShort(descriptor + 14, (short) next);
    }

    /** Makes {@code heads} available without the driver's knowledge. */
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
