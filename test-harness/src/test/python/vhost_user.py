"""The frontend's side of vhost-user, from QEMU's docs/interop/vhost-user.rst, with the standard library alone.

Nothing here is careful: any message can be sent in any order with any payload and any descriptors.
"""

import os
import socket
import struct

GET_FEATURES = 1
SET_FEATURES = 2
SET_OWNER = 3
RESET_OWNER = 4
SET_MEM_TABLE = 5
SET_VRING_NUM = 8
SET_VRING_ADDR = 9
SET_VRING_BASE = 10
GET_VRING_BASE = 11
SET_VRING_KICK = 12
SET_VRING_CALL = 13
SET_VRING_ERR = 14
GET_PROTOCOL_FEATURES = 15
SET_PROTOCOL_FEATURES = 16
GET_QUEUE_NUM = 17
SET_VRING_ENABLE = 18

VERSION = 0x1
REPLY = 0x4
NEED_REPLY = 0x8

F_VERSION_1 = 1 << 32
F_RING_PACKED = 1 << 34
F_RING_INDIRECT = 1 << 28
F_PROTOCOL_FEATURES = 1 << 30

P_REPLY_ACK = 1 << 3

TIMEOUT = 10.0
HEADER = struct.Struct("=III")


class Closed(Exception):
    """The backend ended the connection."""


class Frontend:
    """One connection to a backend."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(None)  # connects wait then while many others wait to be accepted
        self.socket.connect(path)
        self.socket.settimeout(TIMEOUT)

    def raw(self, data, fds=()):
        """Sends these bytes with these descriptors, whatever they mean."""
        try:
            if fds:
                socket.send_fds(self.socket, [data], list(fds))
            else:
                self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as e:
            raise Closed() from e

    def send(self, request, payload=b"", fds=(), flags=0):
        self.raw(HEADER.pack(request, VERSION | flags, len(payload)) + payload, fds)

    def receive(self):
        """The next answer: its request and payload."""
        request, flags, size = HEADER.unpack(self._exactly(HEADER.size))
        assert flags & 0x3 == VERSION, "answer of another version: flags 0x%x" % flags
        assert flags & REPLY, "answer without the reply flag: flags 0x%x" % flags
        return request, self._exactly(size)

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.socket.recv(count - len(data))
            except ConnectionResetError as e:
                raise Closed() from e
            if not more:
                raise Closed()
            data += more
        return data

    def ask(self, request, payload=b"", flags=0):
        """Sends a request and returns the payload of the answer, which must be to that request."""
        self.send(request, payload, flags=flags)
        answered, answer = self.receive()
        assert answered == request, "answer to %d where %d was asked" % (answered, request)
        return answer

    def ask_u64(self, request, payload=b"", flags=0):
        return struct.unpack("=Q", self.ask(request, payload, flags))[0]

    def is_closed(self):
        """Whether the backend ends the connection, within the time-out, without a word."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


def u64(value):
    return struct.pack("=Q", value)


def state(index, value):
    """struct vhost_vring_state"""
    return struct.pack("=II", index, value)


def address(index, descriptors, used, available, flags=0, log=0):
    """struct vhost_vring_addr"""
    return struct.pack("=IIQQQQ", index, flags, descriptors, used, available, log)


def memory_table(regions):
    """Of tuples (guest address, size, user address, offset in the file)."""
    return struct.pack("=II", len(regions), 0) + b"".join(struct.pack("=QQQQ", *region) for region in regions)


def eventfd():
    return os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
