package io.vireo.virtqueue.device;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Input;
import io.vireo.hugepages.GuestMemory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** See {@link RingTarget}: the split format (virtio 1.3, 2.7). */
public final class SplitRingTarget extends RingTarget {
    @Override
    public List<byte[]> seeds() {
        byte[] one = {2, 0, 0, 0, 0, 0, 1, 0, 0x30, 0, 0, 64, 0, 0, 0, 2, 0, 4, 3, 5};
        byte[] two = {3, 0, 0, 0, 0, 0, 1, 0, 0x10, 0, 0, 64, 1, 1, 0, 1, 1, 0x30, 0, 0, 8, 0, 0, 0, 2, 0, 4, 3, 6, 1};
        byte[] table = {10, 0, 0, 0, 0, 0, 1, 0, 0x20, 0, 0, 16, 0, 4, 0, 1, 32, 0x30, 0, 0, 8, 0, 0, 0, 2, 0, 4, 3, 5};
        return List.of(one, two, table);
    }

    @Override
    long format() {
        return 0;
    }

    @Override
    RingPlace place(GuestMemory memory, int size, long descriptors, long driver, long device) {
        return RingPlace.split(memory, size, descriptors, driver, device);
    }

    @Override
    void offer(Input input, ByteBuffer bytes, int size) {
        short index = bytes.getShort(DRIVER + 2);
        bytes.putShort(DRIVER + 4 + 2 * (index & (size - 1)), (short) input.u8());
        bytes.putShort(DRIVER + 2, (short) (index + 1));
    }

    @Override
    RingModel model(ByteBuffer bytes, int size, boolean indirect, Direction direction, DeviceRing ring) {
        return new Model(bytes, size, indirect, direction, ring.base());
    }

    private static final class Model extends RingModel {
        private int next;
        /** The driver's index as it was last looked at: it is, when all that it told of was taken. */
        private int known;

        private int used;

        Model(ByteBuffer memory, int size, boolean indirect, Direction direction, int base) {
            super(memory, size, indirect, direction);
            next = base;
            known = base;
            used = u16(DEVICE + 2);
        }

        @Override
        Optional<Chain> next() throws Broken {
            if (next == known) {
                int index = u16(DRIVER + 2);
                require(((index - next) & 0xFFFF) <= size);
                known = index;
            }
            if (next == known) {
                return Optional.empty();
            }
            int head = u16(DRIVER + 4 + 2 * (next % size));
            beginChain();
            walk(head);
            int position = next;
            next = (next + 1) & 0xFFFF;
            return Optional.of(endChain(head, position, next));
        }

        private void walk(int head) throws Broken {
            int index = head;
            for (int left = size; left > 0; left--) {
                require(index < size);
                int at = DESCRIPTORS + index * DESCRIPTOR;
                int flags = u16(at + 12);
                if ((flags & INDIRECT) != 0) {
                    walkTable(table(address(at), length(at), flags), length(at) / DESCRIPTOR, left);
                    return;
                }
                add(address(at), length(at), flags);
                if ((flags & NEXT) == 0) {
                    return;
                }
                index = u16(at + 14);
            }
            throw new Broken();
        }

        private void walkTable(int table, long entries, int most) throws Broken {
            int index = 0;
            for (int left = most; left > 0; left--) {
                require(index < entries);
                int at = table + index * DESCRIPTOR;
                int flags = u16(at + 12);
                require((flags & INDIRECT) == 0);
                add(address(at), length(at), flags);
                if ((flags & NEXT) == 0) {
                    return;
                }
                index = u16(at + 14);
            }
            throw new Broken();
        }

        @Override
        void rewind(Chain chain) {
            next = chain.position();
        }

        @Override
        void completed(List<Chain> chains, int[] written, boolean asBatch) {
            // A driver may make more available than it has entries; then the last ones have written over the first.
            for (int i = Math.max(0, chains.size() - size); i < chains.size() && !asBatch; i++) {
                claimEntry(used + i, chains.get(i).id(), written[i]);
            }
            if (asBatch && !chains.isEmpty()) {
                claimEntry(used, chains.getLast().id(), 0);
            }
            used = (used + chains.size()) & 0xFFFF;
            claim(chains.isEmpty() || u16(DEVICE + 2) == used, "the used index");
        }

        private void claimEntry(int index, int id, int written) {
            int entry = DEVICE + 4 + 8 * (index % size);
            claim(memory.getInt(entry) == id && memory.getInt(entry + 4) == written, "a used entry");
        }
    }
}
