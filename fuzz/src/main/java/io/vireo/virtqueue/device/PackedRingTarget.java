package io.vireo.virtqueue.device;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Input;
import io.vireo.hugepages.GuestMemory;
import io.vireo.virtqueue.Features;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** See {@link RingTarget}: the packed format (virtio 1.3, 2.8). */
public final class PackedRingTarget extends RingTarget {
    private static final int AVAILABLE = 1 << 7;
    private static final int USED = 1 << 15;

    @Override
    public List<byte[]> seeds() {
        byte[] one = {2, (byte) 0x80, 0, 0, 0, 0, 1, 0, 0x30, 0, 0, 64, 9, (byte) 0x80, 0, 4, 3, 5};
        byte[] two = {
            3,
            (byte) 0x80,
            0,
            0,
            0,
            0,
            1,
            1,
            0x30,
            0,
            0,
            8,
            7,
            (byte) 0x80,
            0,
            1,
            0,
            0x10,
            0,
            0,
            64,
            7,
            (byte) 0x81,
            0,
            4,
            3,
            6,
            1
        };
        byte[] table = {
            10, (byte) 0x80, 0, 0, 0, 0, 1, 0, 0x20, 0, 0, 16, 5, (byte) 0x84, 0, 1, 32, 0x30, 0, 0, 8, 0, 0, 0, 4, 3, 5
        };
        return List.of(one, two, table);
    }

    @Override
    long format() {
        return Features.RING_PACKED;
    }

    @Override
    RingPlace place(GuestMemory memory, int size, long descriptors, long driver, long device) {
        return RingPlace.packed(memory, size, descriptors, driver, device);
    }

    /** Gives a descriptor the availability flags of a lap, and keeps its others. */
    @Override
    void offer(Input input, ByteBuffer bytes, int size) {
        int choice = input.u8();
        int flags = DESCRIPTORS + (choice & (size - 1)) * RingModel.DESCRIPTOR + 14;
        int others = bytes.getShort(flags) & ~(AVAILABLE | USED);
        bytes.putShort(flags, (short) (others | ((choice & 0x80) == 0 ? AVAILABLE : USED)));
    }

    @Override
    RingModel model(ByteBuffer bytes, int size, boolean indirect, Direction direction, DeviceRing ring) {
        return new Model(bytes, size, indirect, direction, ring.position());
    }

    private static final class Model extends RingModel {
        /** Of descriptors, counted on and on; the first lap is the one in which the wrap counter is 1. */
        private int next;

        private int used;

        Model(ByteBuffer memory, int size, boolean indirect, Direction direction, int position) {
            super(memory, size, indirect, direction);
            next = position;
            used = position;
        }

        private int at(int position) {
            return DESCRIPTORS + position % size * DESCRIPTOR;
        }

        private int flags(int position) {
            return u16(at(position) + 14);
        }

        private boolean isFirstLap(int position) {
            return position / size % 2 == 0;
        }

        @Override
        Optional<Chain> next() throws Broken {
            int owned = size - (next - used);
            int availability = flags(next) & (AVAILABLE | USED);
            if (owned == 0 || availability != (isFirstLap(next) ? AVAILABLE : USED)) {
                return Optional.empty();
            }
            beginChain();
            int last = (flags(next) & INDIRECT) != 0 ? walkTable() : walk(owned);
            Chain chain = endChain(u16(at(last) + 12), next, last + 1);
            next = last + 1;
            return Optional.of(chain);
        }

        /** @return the position of the chain's last descriptor */
        private int walk(int owned) throws Broken {
            for (int position = next; position < next + owned; position++) {
                require(position == next || (flags(position) & INDIRECT) == 0);
                add(address(at(position)), length(at(position)), flags(position));
                if ((flags(position) & NEXT) == 0) {
                    return position;
                }
            }
            throw new Broken();
        }

        private int walkTable() throws Broken {
            int at = at(next);
            int table = table(address(at), length(at), flags(next));
            long entries = length(at) / DESCRIPTOR;
            require(entries <= size);
            for (int i = 0; i < entries; i++) {
                int entry = table + i * DESCRIPTOR;
                add(address(entry), length(entry), u16(entry + 14));
            }
            return next;
        }

        @Override
        void rewind(Chain chain) {
            next = chain.position();
        }

        @Override
        void completed(List<Chain> chains, int[] written, boolean asBatch) {
            for (int i = 0; i < chains.size(); i++) {
                Chain chain = chains.get(i);
                if (!asBatch || i == 0) {
                    int id = chains.get(asBatch ? chains.size() - 1 : i).id();
                    int lap = isFirstLap(used) ? AVAILABLE | USED : 0;
                    claim((flags(used) & (AVAILABLE | USED)) == lap, "used in this lap");
                    claim(u16(at(used) + 12) == id, "a used descriptor's buffer");
                    claim(length(at(used)) == written[i], "what was written");
                    claim((flags(used) & WRITE) != 0 == written[i] > 0, "whether anything was written");
                }
                used = chain.end();
            }
        }
    }
}
