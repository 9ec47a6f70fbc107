"""Does to a running Vireo what a broken or hostile guest does, case after case, and looks what becomes of it.

    python3 hostile.py SOCKET MAC ADDRESS GATEWAY

An independent reading of vhost-user and virtio: nothing here is shared with the Java code. After each case a guest attaches
to the same socket that does as it should, and must be answered. Prints a line a case; exits with 1 at the first that fails.
"""

import os
import socket
import struct
import sys
import tempfile
import threading
import time

import vhost_user as vu
from guest import BUFFER, NET_HEADER, RECEIVE, TRANSMIT, Guest
from virtqueue import F_INDIRECT, F_NEXT, F_WRITE, GUEST, SIZE, USER

CASES = []


def case(function):
    """A case that has nothing to do with the rings' format: split is enough."""
    CASES.append((function, (False,)))
    return function


def ring_case(function):
    CASES.append((function, (False, True)))
    return function


def ends(guest):
    assert guest.frontend.is_closed(), "the session goes on"


# ---- the session


@case
def an_unknown_request_that_wants_an_answer_is_refused_and_the_session_goes_on(guest):
    guest.negotiate()
    assert guest.frontend.ask_u64(4711, flags=vu.NEED_REPLY) != 0, "success"
    guest.tell_memory()
    guest.start(RECEIVE)
    guest.start(TRANSMIT)
    guest.post(guest.memory.allocate(BUFFER))
    assert guest.is_answered()


@case
def an_unknown_request_without_an_answer_ends_the_session(guest):
    guest.frontend.send(4711)
    ends(guest)


@case
def a_payload_of_the_wrong_size_ends_the_session(guest):
    guest.frontend.send(vu.SET_FEATURES, bytes(4))
    ends(guest)


@case
def a_message_byte_by_byte_is_served(guest):
    for byte in vu.HEADER.pack(vu.GET_FEATURES, vu.VERSION, 0):
        guest.frontend.raw(bytes([byte]))
        time.sleep(0.002)
    request, answer = guest.frontend.receive()
    assert request == vu.GET_FEATURES and len(answer) == 8


@case
def a_message_cut_short_is_nobody_elses_trouble(guest):
    guest.frontend.raw(vu.HEADER.pack(vu.SET_FEATURES, vu.VERSION, 8) + bytes(3))


@case
def a_payload_that_is_announced_with_4_gib_ends_the_session(guest):
    guest.frontend.raw(vu.HEADER.pack(vu.SET_FEATURES, vu.VERSION, 0xFFFFFFFF))
    ends(guest)


@case
def features_that_were_never_offered_end_the_session(guest):
    guest.frontend.send(vu.SET_FEATURES, vu.u64(1 << 63))
    ends(guest)


@case
def a_kick_without_its_descriptor_ends_the_session(guest):
    guest.negotiate()
    guest.frontend.send(vu.SET_VRING_KICK, vu.u64(TRANSMIT))
    ends(guest)


@case
def surplus_descriptors_end_the_session(guest):
    guest.negotiate()
    guest.frontend.send(vu.SET_VRING_CALL, vu.u64(RECEIVE), guest.calls + guest.kicks)
    ends(guest)


@case
def a_kick_descriptor_that_is_a_file_ends_the_session(guest):
    guest.negotiate()
    with tempfile.TemporaryFile() as file:
        guest.frontend.send(vu.SET_VRING_KICK, vu.u64(TRANSMIT), [file.fileno()])
        ends(guest)


@case
def more_descriptors_than_a_message_may_have_end_the_session(guest):
    guest.frontend.send(vu.GET_FEATURES, b"", guest.calls * 60)
    ends(guest)


@case
def ring_sizes_that_cannot_be_end_the_session(guest):
    for size in (0, 3, 65536, 0x80000000):
        with again(guest) as other:
            other.negotiate()
            other.frontend.send(vu.SET_VRING_NUM, vu.state(RECEIVE, size))
            ends(other)
    guest.frontend.close()


@case
def rings_that_are_not_there_end_the_session(guest):
    for index in (255, 65536, 0xFFFFFFFF):
        with again(guest) as other:
            other.frontend.send(vu.SET_VRING_BASE, vu.state(index, 0))
            ends(other)


@case
def rings_outside_the_memory_end_the_session(guest):
    places = (USER - 4096, USER + SIZE - 16, 0, (1 << 64) - 4096)
    for place in places:
        with again(guest) as other:
            other.negotiate()
            other.tell_memory()
            other.frontend.send(vu.SET_VRING_NUM, vu.state(RECEIVE, 64))
            other.frontend.send(vu.SET_VRING_ADDR, vu.address(RECEIVE, place, place, place))
            other.frontend.send(vu.SET_VRING_KICK, vu.u64(RECEIVE), [other.kicks[RECEIVE]])
            ends(other)


@case
def memory_tables_that_cannot_be_end_the_session(guest):
    whole = guest.memory.region()
    page = 4096
    tables = (
        [],
        [whole, whole],
        [(GUEST, SIZE + page, USER, 0)],
        [((1 << 64) - page, 2 * page, USER, 0)],
        [(GUEST, SIZE, USER, (1 << 64) - page)],
        [(GUEST + i * page, page, USER + i * page, i * page) for i in range(9)],
    )
    for table in tables:
        with again(guest) as other:
            other.negotiate()
            fds = [other.memory.file] * min(len(table), 8)
            other.frontend.send(vu.SET_MEM_TABLE, vu.memory_table(table), fds)
            ends(other)


@case
def the_place_of_a_ring_that_never_ran_can_be_asked_for(guest):
    guest.negotiate()
    answer = guest.frontend.ask(vu.GET_VRING_BASE, vu.state(RECEIVE, 0))
    assert answer == vu.state(RECEIVE, 0), answer.hex()


@case
def a_ring_that_starts_before_it_is_set_up_ends_the_session(guest):
    guest.negotiate()
    guest.frontend.send(vu.SET_VRING_KICK, vu.u64(TRANSMIT), [guest.kicks[TRANSMIT]])
    ends(guest)


@case
def an_owner_that_is_reset_in_the_midst_of_traffic_takes_nobody_along(guest):
    guest.set_up()
    assert guest.is_answered()
    for _ in range(16):
        guest.send(guest.arp_request())
    guest.frontend.send(vu.RESET_OWNER)
    answer = guest.frontend.ask_u64(vu.GET_FEATURES)
    assert answer & vu.F_VERSION_1


@case
def fifty_connections_that_say_nothing_keep_nobody_out_once_they_are_gone(guest):
    guest.frontend.close()
    idle = []
    try:
        for _ in range(50):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            idle.append(connection)
            try:
                connection.connect(ARGUMENTS.path)
            except BlockingIOError:
                pass  # as many wait already as may
    finally:
        for connection in idle:
            connection.close()


# ---- the rings


def breaks(guest):
    """The ring is broken, said by its error descriptor, and nothing else happens to the session."""
    guest.kick(TRANSMIT)
    assert guest.broke(), "the ring goes on"
    assert guest.frontend.ask_u64(vu.GET_FEATURES) & vu.F_VERSION_1


def available(guest, flags):
    """Flags of the next packed descriptor, with what makes it available."""
    return flags | guest.transmit.availability(guest.transmit.wrap)


def one(guest, address, length, flags=0, following=0):
    """A chain of one descriptor, in either format, as it is told."""
    ring = guest.transmit
    if ring.packed:
        ring.put(ring.position, address, length, available(guest, flags), 0)
    else:
        ring.put(ring.next, address, length, flags, following)
        ring.publish(ring.next)


@ring_case
def a_buffer_outside_the_memory_breaks_the_ring(guest):
    guest.set_up()
    one(guest, GUEST + SIZE - 4, 64)
    breaks(guest)


@ring_case
def a_buffer_whose_end_wraps_breaks_the_ring(guest):
    guest.set_up()
    one(guest, (1 << 64) - 16, 0xFFFFFFFF)
    breaks(guest)


@ring_case
def a_buffer_to_write_where_one_to_read_is_due_breaks_the_ring(guest):
    guest.set_up()
    one(guest, guest.address(guest.memory.allocate(64)), 64, F_WRITE)
    breaks(guest)


@ring_case
def a_buffer_to_read_where_one_to_write_is_due_breaks_the_ring(guest):
    guest.negotiate()
    guest.tell_memory()
    guest.start(RECEIVE)
    guest.start(TRANSMIT)
    guest.receive.offer([(guest.memory.allocate(BUFFER), BUFFER)], writable=False)
    guest.kick(RECEIVE)
    guest.send(guest.arp_request())
    assert guest.broke(RECEIVE), "the ring goes on"


@ring_case
def a_chain_without_an_end_breaks_the_ring(guest):
    guest.set_up()
    ring, offset = guest.transmit, guest.memory.allocate(64)
    if ring.packed:
        first = ring.position, available(guest, F_NEXT)
        for slot in range(1, ring.size):
            ring.put(slot, guest.address(offset), 1, available(guest, F_NEXT), 0)
        ring.put(first[0], guest.address(offset), 1, first[1], 0)
    else:
        ring.put(0, guest.address(offset), 1, F_NEXT, 1)
        ring.put(1, guest.address(offset), 1, F_NEXT, 0)
        ring.publish(0)
    breaks(guest)


@ring_case
def an_indirect_table_in_an_indirect_table_breaks_the_ring(guest):
    guest.set_up()
    table = guest.memory.allocate(32)
    # both formats of a table's entry have the same size, address and length
    for i in range(2):
        guest.memory.put("QIHH", table + 16 * i, guest.address(table), 16, F_INDIRECT, F_INDIRECT)
    one(guest, guest.address(table), 32, F_INDIRECT)
    if guest.transmit.packed:
        # 2.8.8: of the flags in a table WRITE alone counts, so this one is two buffers of what is no frame
        guest.transmit.lengths[0] = 1
        guest.kick(TRANSMIT)
        assert guest.await_used(1), "the chain does not come back"
        assert not guest.is_broken()
    else:
        breaks(guest)


@ring_case
def an_indirect_table_of_no_whole_entries_breaks_the_ring(guest):
    guest.set_up()
    one(guest, guest.address(guest.memory.allocate(64)), 17, F_INDIRECT)
    breaks(guest)


@ring_case
def an_indirect_table_that_leaves_the_memory_breaks_the_ring(guest):
    guest.set_up()
    one(guest, GUEST + SIZE - 16, 64, F_INDIRECT)
    breaks(guest)


@ring_case
def a_next_entry_or_a_flag_that_cannot_be_breaks_the_ring(guest):
    guest.set_up()
    address = guest.address(guest.memory.allocate(64))
    if guest.transmit.packed:
        one(guest, address, 16, F_INDIRECT | F_NEXT)
    else:
        one(guest, address, 64, F_NEXT, 0xFFFF)
    breaks(guest)


@case
def an_available_index_that_jumps_breaks_the_ring(guest):
    guest.set_up()
    guest.transmit.set_index(guest.transmit.size + 1)
    breaks(guest)


@case
def a_head_that_is_not_there_breaks_the_ring(guest):
    guest.set_up()
    guest.transmit.publish(0x8000)
    breaks(guest)


@ring_case
def frames_that_are_none_come_back_and_the_next_is_answered(guest):
    guest.set_up()
    arp = guest.arp_request()
    csum_beyond = struct.pack("=BBHHHHH", 1, 0, 0, 0, 60000, 6, 0)
    tso_of_nothing = struct.pack("=BBHHHHH", 1, 1, 54, 0, 34, 16, 0)
    junk = struct.pack("=BBHHHHH", 0xFF, 0xFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF)
    for header in (csum_beyond, tso_of_nothing, junk):
        guest.send(arp, header)
    guest.send(b"")
    guest.send(b"\x00" * 13)
    guest.send(b"\xff" * 70000)
    guest.send(arp[:20])
    guest.transmit.offer([(guest.memory.allocate(16), 4)])  # less than a virtio-net header
    guest.kick(TRANSMIT)
    assert guest.await_used(8), "chains do not come back"
    assert guest.is_answered()


@ring_case
def a_header_over_three_buffers_is_put_together(guest):
    guest.set_up()
    data = bytes(NET_HEADER) + guest.arp_request()
    offset = guest.memory.allocate(len(data))
    guest.memory.write(offset, data)
    guest.transmit.offer([(offset, 5), (offset + 5, 4), (offset + 9, len(data) - 9)])
    guest.kick(TRANSMIT)
    assert guest.next_frame() is not None


@ring_case
def buffers_of_a_byte_each_do_not_stop_the_sender(guest):
    guest.negotiate()
    guest.tell_memory()
    guest.start(RECEIVE)
    guest.start(TRANSMIT)
    for _ in range(guest.receive.size):
        guest.receive.offer([(guest.memory.allocate(1), 1)], writable=True)
    guest.kick(RECEIVE)
    guest.send(guest.arp_request())
    assert guest.await_used(1)


@ring_case
def a_frame_that_changes_while_it_is_read_harms_nobody(guest):
    guest.set_up()
    data = bytes(NET_HEADER) + guest.arp_request()
    offset = guest.memory.allocate(len(data))
    stop = threading.Event()

    def flip():
        while not stop.is_set():
            guest.memory.write(offset, data)
            guest.memory.write(offset + NET_HEADER, b"\xff" * (len(data) - NET_HEADER))

    flipping = threading.Thread(target=flip)
    flipping.start()
    try:
        for _ in range(500):
            guest.transmit.offer([(offset, len(data))])
            guest.kick(TRANSMIT)
            assert guest.await_used(1), "the ring stands still"
            used = guest.receive.take()
            if used:
                guest.post(guest.posted.pop(used[0]))
    finally:
        stop.set()
        flipping.join()


@ring_case
def a_broken_ring_is_served_again_once_it_was_set_up_anew(guest):
    guest.set_up()
    one(guest, GUEST + SIZE - 4, 64)
    breaks(guest)
    guest.start_over()
    assert guest.is_answered()


@ring_case
def memory_that_shrinks_while_it_is_used_stops_this_port_alone(guest):
    guest.set_up()
    assert guest.is_answered()
    os.ftruncate(guest.memory.file, 0)
    guest.kick(TRANSMIT)
    # this process may not touch its memory any more either
    assert guest.broke(), "the port goes on"


# ---- running them


class ARGUMENTS:
    path = mac = ip = gateway = None


def attach(packed):
    return Guest(ARGUMENTS.path, packed, ARGUMENTS.mac, ARGUMENTS.ip, ARGUMENTS.gateway)


def again(guest):
    """One more guest, in the place of this one, which leaves."""
    guest.frontend.close()
    return attach(guest.receive.packed)


def run(function, packed):
    with attach(packed) as guest:
        function(guest)
    with attach(packed) as guest:
        assert guest.set_up().is_answered(), "the next guest is not served"


def main():
    ARGUMENTS.path = sys.argv[1]
    ARGUMENTS.mac = bytes.fromhex(sys.argv[2].replace(":", ""))
    ARGUMENTS.ip, ARGUMENTS.gateway = (socket.inet_aton(address) for address in sys.argv[3:5])
    for function, formats in CASES:
        for packed in formats:
            name = function.__name__.replace("_", " ") + (", packed" if packed else "")
            try:
                run(function, packed)
            except (AssertionError, OSError, vu.Closed) as e:
                print("FAILED %s: %r" % (name, e), flush=True)
                raise
            print("ok", name, flush=True)


if __name__ == "__main__":
    main()
