"""Guest memory and the driver's side of virtqueues, from virtio 1.2, clauses 2.7 (split) and 2.8 (packed).

Descriptors are written as they are told, right or wrong.
"""

import mmap
import os
import struct

F_NEXT = 1
F_WRITE = 2
F_INDIRECT = 4
PACKED_F_AVAIL = 1 << 7
PACKED_F_USED = 1 << 15

GUEST = 0x4000_0000  # where the guest has its memory
USER = 0x7F12_3400_0000  # where the frontend says that it has it
SIZE = 4 << 20
RING_SPACE = 0x8000
BUFFERS = 4 * RING_SPACE


class Memory:
    """A memory file, shared with the backend. Offsets into it are all that is handled here."""

    def __init__(self):
        self.file = os.memfd_create("python-guest", os.MFD_CLOEXEC)
        os.ftruncate(self.file, SIZE)
        self.map = mmap.mmap(self.file, SIZE)
        self.free = BUFFERS

    def region(self):
        return GUEST, SIZE, USER, 0

    def allocate(self, size):
        offset = self.free
        self.free += (size + 63) & ~63
        assert self.free <= SIZE
        return offset

    def write(self, offset, data):
        self.map[offset : offset + len(data)] = data

    def read(self, offset, length):
        return bytes(self.map[offset : offset + length])

    def put(self, form, offset, *values):
        struct.pack_into("=" + form, self.map, offset, *values)

    def get(self, form, offset):
        return struct.unpack_from("=" + form, self.map, offset)[0]

    def close(self):
        self.map.close()
        os.close(self.file)


class Split:
    """Descriptor table, available ring and used ring (2.7)."""

    packed = False
    initial_base = 0

    def __init__(self, memory, start, size):
        self.memory = memory
        self.size = size
        self.descriptors = start
        self.available = start + 16 * size
        self.used = (self.available + 6 + 2 * size + 3) & ~3
        memory.write(start, bytes(self.used + 6 + 8 * size - start))
        self.index = 0
        self.seen = 0
        self.next = 0

    def put(self, slot, guest_address, length, flags=0, following=0):
        """struct virtq_desc"""
        self.memory.put("QIHH", self.descriptors + 16 * slot, guest_address & (2**64 - 1), length, flags, following)

    def offer(self, parts, writable=False):
        """Writes a chain of (offset, length) and makes it available. Returns its head."""
        head = self.next
        for i, (offset, length) in enumerate(parts):
            last = i == len(parts) - 1
            flags = (0 if last else F_NEXT) | (F_WRITE if writable else 0)
            slot = (head + i) % self.size
            self.put(slot, GUEST + offset, length, flags, (slot + 1) % self.size)
        self.next = (head + len(parts)) % self.size
        self.publish(head)
        return head

    def publish(self, head):
        self.memory.put("H", self.available + 4 + 2 * (self.index % self.size), head & 0xFFFF)
        self.set_index(self.index + 1)

    def set_index(self, index):
        self.index = index & 0xFFFF
        self.memory.put("H", self.available + 2, self.index)

    def take(self):
        """The next used chain as (head, length), or None."""
        if self.memory.get("H", self.used + 2) == self.seen:
            return None
        entry = self.used + 4 + 8 * (self.seen % self.size)
        self.seen = (self.seen + 1) & 0xFFFF
        return self.memory.get("I", entry), self.memory.get("I", entry + 4)


class Packed:
    """Descriptor ring, driver and device event suppression (2.8)."""

    packed = True
    initial_base = 0x8000 | 0x8000 << 16  # both wrap counters begin at 1

    def __init__(self, memory, start, size):
        self.memory = memory
        self.size = size
        self.descriptors = start
        self.available = start + 16 * size  # driver event suppression
        self.used = self.available + 4  # device event suppression
        memory.write(start, bytes(16 * size + 8))
        self.position = 0
        self.wrap = 1
        self.used_position = 0
        self.used_wrap = 1
        self.lengths = {}  # of chains, in descriptors, by buffer id
        self.identifier = 0

    def availability(self, wrap):
        return PACKED_F_AVAIL if wrap else PACKED_F_USED

    def put(self, slot, guest_address, length, flags, identifier):
        """struct pvirtq_desc, its flags last"""
        at = self.descriptors + 16 * slot
        self.memory.put("QIH", at, guest_address & (2**64 - 1), length, identifier)
        self.memory.put("H", at + 14, flags)

    def offer(self, parts, writable=False):
        """Writes a chain of (offset, length), its head's flags last. Returns its buffer id."""
        identifier = self.identifier
        self.identifier = (identifier + 1) % self.size
        self.lengths[identifier] = len(parts)
        head = None
        for i, (offset, length) in enumerate(parts):
            flags = (0 if i == len(parts) - 1 else F_NEXT) | (F_WRITE if writable else 0)
            slot, wrap = self.advance()
            entry = (slot, GUEST + offset, length, flags | self.availability(wrap), identifier)
            if head is None:
                head = entry
            else:
                self.put(*entry)
        self.put(*head)
        return identifier

    def advance(self):
        """The next free slot and the wrap counter that makes it available."""
        slot, wrap = self.position, self.wrap
        self.position += 1
        if self.position == self.size:
            self.position = 0
            self.wrap ^= 1
        return slot, wrap

    def take(self):
        """The next used chain as (buffer id, length), or None."""
        at = self.descriptors + 16 * self.used_position
        flags = self.memory.get("H", at + 14)
        if bool(flags & PACKED_F_AVAIL) != bool(self.used_wrap) or bool(flags & PACKED_F_USED) != bool(self.used_wrap):
            return None
        identifier, length = self.memory.get("H", at + 12), self.memory.get("I", at + 8)
        self.used_position += self.lengths[identifier]
        if self.used_position >= self.size:
            self.used_position -= self.size
            self.used_wrap ^= 1
        return identifier, length
