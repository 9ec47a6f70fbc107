"""A guest with one network card: what its driver and a little of its kernel do."""

import os
import struct
import time

import vhost_user as vu
from virtqueue import GUEST, RING_SPACE, USER, Memory, Packed, Split

RECEIVE = 0
TRANSMIT = 1
QUEUE_SIZE = 64
BUFFER = 2048
NET_HEADER = 12
GATEWAY_MAC = bytes.fromhex("020000000001")
PATIENCE = 10.0


class Guest:
    """Connects and negotiates; the rest is the caller's, step by step or with set_up."""

    def __init__(self, path, packed, mac, ip, gateway):
        self.mac, self.ip, self.gateway = mac, ip, gateway
        self.frontend = vu.Frontend(path)
        self.memory = Memory()
        form = Packed if packed else Split
        self.rings = [form(self.memory, i * RING_SPACE, QUEUE_SIZE) for i in (RECEIVE, TRANSMIT)]
        self.kicks = [vu.eventfd() for _ in self.rings]
        self.calls = [vu.eventfd() for _ in self.rings]
        self.errors = [vu.eventfd() for _ in self.rings]
        self.posted = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.frontend.close()
        self.memory.close()
        for fd in self.kicks + self.calls + self.errors:
            os.close(fd)

    @property
    def receive(self):
        return self.rings[RECEIVE]

    @property
    def transmit(self):
        return self.rings[TRANSMIT]

    def features(self):
        wanted = vu.F_VERSION_1 | vu.F_RING_INDIRECT | vu.F_PROTOCOL_FEATURES
        return wanted | (vu.F_RING_PACKED if self.receive.packed else 0)

    def negotiate(self):
        self.frontend.send(vu.SET_OWNER)
        offered = self.frontend.ask_u64(vu.GET_FEATURES)
        assert offered & self.features() == self.features(), "offers 0x%x" % offered
        protocol = self.frontend.ask_u64(vu.GET_PROTOCOL_FEATURES)
        assert protocol & vu.P_REPLY_ACK, "protocol features 0x%x" % protocol
        self.frontend.send(vu.SET_PROTOCOL_FEATURES, vu.u64(vu.P_REPLY_ACK))
        self.frontend.send(vu.SET_FEATURES, vu.u64(self.features()))

    def tell_memory(self):
        self.frontend.send(vu.SET_MEM_TABLE, vu.memory_table([self.memory.region()]), [self.memory.file])

    def start(self, index):
        ring = self.rings[index]
        self.frontend.send(vu.SET_VRING_NUM, vu.state(index, ring.size))
        self.frontend.send(vu.SET_VRING_BASE, vu.state(index, ring.initial_base))
        self.frontend.send(
            vu.SET_VRING_ADDR,
            vu.address(index, USER + ring.descriptors, USER + ring.used, USER + ring.available),
        )
        self.frontend.send(vu.SET_VRING_CALL, vu.u64(index), [self.calls[index]])
        self.frontend.send(vu.SET_VRING_ERR, vu.u64(index), [self.errors[index]])
        self.frontend.send(vu.SET_VRING_KICK, vu.u64(index), [self.kicks[index]])
        answer = self.frontend.ask_u64(vu.SET_VRING_ENABLE, vu.state(index, 1), vu.NEED_REPLY)
        assert answer == 0, "SET_VRING_ENABLE was answered by %d" % answer

    def set_up(self):
        self.negotiate()
        self.tell_memory()
        self.start(RECEIVE)
        self.start(TRANSMIT)
        for _ in range(QUEUE_SIZE // 2):
            self.post(self.memory.allocate(BUFFER))
        return self

    def post(self, offset):
        self.posted[self.receive.offer([(offset, BUFFER)], writable=True)] = offset
        self.kick(RECEIVE)

    def kick(self, index):
        os.eventfd_write(self.kicks[index], 1)

    # ---- frames

    def send(self, frame, header=bytes(NET_HEADER)):
        """As one chain of one buffer."""
        data = header + frame
        offset = self.memory.allocate(len(data))
        self.memory.write(offset, data)
        chain = self.transmit.offer([(offset, len(data))])
        self.kick(TRANSMIT)
        return chain

    def next_frame(self):
        """The next frame received, or None if none comes within the patience."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            used = self.receive.take()
            if used:
                offset = self.posted.pop(used[0])
                frame = self.memory.read(offset + NET_HEADER, used[1] - NET_HEADER)
                self.post(offset)
                return frame
            time.sleep(0.001)
        return None

    def await_used(self, count):
        """Whether so many chains of the transmit ring come back."""
        deadline = time.monotonic() + PATIENCE
        while count and time.monotonic() < deadline:
            if self.transmit.take():
                count -= 1
            else:
                time.sleep(0.001)
        return count == 0

    def start_over(self):
        """Stops both rings, and starts them again as new ones on the same memory."""
        for index, ring in enumerate(self.rings):
            self.frontend.ask(vu.GET_VRING_BASE, vu.state(index, 0))
            self.rings[index] = type(ring)(self.memory, index * RING_SPACE, QUEUE_SIZE)
        self.posted = {}
        self.start(RECEIVE)
        self.start(TRANSMIT)
        for _ in range(QUEUE_SIZE // 2):
            self.post(self.memory.allocate(BUFFER))

    def is_broken(self, index=TRANSMIT):
        """Whether the ring's error descriptor was rung, without waiting for it."""
        try:
            os.eventfd_read(self.errors[index])
            return True
        except BlockingIOError:
            return False

    def broke(self, index=TRANSMIT):
        """Whether the ring's error descriptor is rung."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.is_broken(index):
                return True
            time.sleep(0.001)
        return False

    def arp_request(self):
        ethernet = b"\xff" * 6 + self.mac + b"\x08\x06"
        arp = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + self.mac + self.ip + bytes(6) + self.gateway
        return ethernet + arp

    def is_answered(self):
        """Whether the gateway answers ARP, with what RFC 826 says."""
        self.send(self.arp_request())
        frame = self.next_frame()
        if frame is None:
            return False
        wanted = self.mac + GATEWAY_MAC + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2)
        wanted += GATEWAY_MAC + self.gateway + self.mac + self.ip
        assert frame[: len(wanted)] == wanted, "answer " + frame.hex()
        return True

    def address(self, offset):
        return GUEST + offset
