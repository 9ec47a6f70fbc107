package io.vireo.router.dataplane;

import io.vireo.linux.Errno;
import io.vireo.protocols.ethernet.EthernetFrame;
import io.vireo.router.uplink.UplinkQueue;
import io.vireo.virtqueue.VirtioNetHeader;

/**
 * How the frames of a batch that are for the uplink get out: straight from the guest's memory, but for the head, which is the
 * slot's. The Ethernet header makes room for the virtio-net header:
 *
 * <pre>
 *   slot    | virtio-net header 12 | Ethernet 14 | IP, at most 114 |
 *                            | virtio-net header 12 | IP, at most 114 |  first piece
 *   chain                                                              | payload ... |  the others
 * </pre>
 *
 * <p>Datagrams of one flow that follow each other leave as one ({@link UdpRun}). What the host does not take at once is
 * copied to the uplink's backlog; then the chains are done with, whatever the uplink does.
 */
final class UplinkSender {
    /** What a packet is shorter than its frame. */
    static final int LINK = EthernetFrame.HEADER_LENGTH;

    /** There are more pieces than a packet may have. */
    private static final int TOO_MANY = 0;

    private static final int NOT_SENDING = -1;

    private final FrameBatch batch;
    private final Uplink uplink;
    private final SoftwareOffload offload;
    private final UdpRun runs;
    private final BufferWriter writer = new BufferWriter();

    private final long[] addresses = new long[UplinkQueue.MAX_PIECES];
    private final int[] lengths = new int[UplinkQueue.MAX_PIECES];

    /** What was added to the queue: the frames of each packet, as a mask. */
    private final long[] packets = new long[UplinkQueue.BATCH];

    /** Where the backlog ended before the batch under way. */
    private int backlogEnd = NOT_SENDING;

    UplinkSender(FrameBatch batch, Uplink uplink, SoftwareOffload offload) {
        this.batch = batch;
        this.uplink = uplink;
        this.offload = offload;
        runs = new UdpRun(batch);
    }

    /**
     * Sends the frames that {@link FrameBatch#uplink} names. When it returns, none of their memory is needed any more.
     *
     * @throws InternalError if the guest's memory is gone, as from {@link Forwarder#visit}
     */
    void send(NetPort from) {
        UplinkQueue queue = uplink.queue();
        if (queue == null) {
            from.count(Counter.TX_DROP_UPLINK_DOWN, Long.bitCount(batch.uplink));
            return;
        }
        backlogEnd = uplink.backlog.end();
        send(from, queue);
        backlogEnd = NOT_SENDING;
    }

    /** Undoes what has not reached the host of a {@link #send} that failed: what waits may be half-written. */
    void abandon() {
        if (backlogEnd != NOT_SENDING) {
            uplink.backlog.truncate(backlogEnd);
            backlogEnd = NOT_SENDING;
        }
        UplinkQueue queue = uplink.queue();
        if (queue != null) {
            queue.abandon();
        }
    }

    private void send(NetPort from, UplinkQueue queue) {
        int added = 0;
        boolean cuts = !queue.takesUdpSuperFrames();
        boolean direct = uplink.backlog.isEmpty(); // what waits goes first
        for (long left = batch.uplink; left != 0; ) {
            long frames = direct && !cuts ? runs.begin(left) : Long.lowestOneBit(left);
            left &= ~frames;
            int first = Long.numberOfTrailingZeros(frames);
            if (cuts && isUdpSuperFrame(first)) {
                flush(from, queue, added); // they keep their order
                added = 0;
                direct = false;
                segment(from, first);
                continue;
            }
            writeHeader(first, frames);
            int pieces = direct ? gather(frames) : TOO_MANY;
            if (pieces == TOO_MANY) {
                flush(from, queue, added);
                added = 0;
                direct = false;
                keep(from, frames);
            } else {
                queue.add(addresses, lengths, pieces);
                packets[added++] = frames;
            }
        }
        flush(from, queue, added);
    }

    private void flush(NetPort from, UplinkQueue queue, int added) {
        if (added == 0) {
            return;
        }
        queue.flush();
        for (int packet = 0; packet < added; packet++) {
            settle(from, packets[packet], queue.result(packet));
        }
    }

    private void settle(NetPort from, long frames, int result) {
        switch (result) {
            case UplinkQueue.TAKEN -> countSent(frames);
            case Errno.EAGAIN -> keep(from, frames);
            case Errno.EBADFD, Errno.EIO -> from.count(Counter.TX_DROP_UPLINK_DOWN, Long.bitCount(frames));
            default -> {
                from.count(Counter.TX_DROP_UPLINK_REFUSED, Long.bitCount(frames));
                if (result == Errno.EFAULT && !from.isMemoryIntact()) {
                    // As if we had found it out ourselves: its rings may not be touched any more either.
                    throw new InternalError("the kernel finds memory of " + from.name() + " gone");
                }
            }
        }
    }

    private void countSent(long frames) {
        uplink.countSent(Long.bitCount(frames), bytes(frames));
    }

    /** Bytes of the packets that frames were before they were merged. */
    private int bytes(long frames) {
        int bytes = 0;
        for (long left = frames; left != 0; left &= left - 1) {
            bytes += batch.length[Long.numberOfTrailingZeros(left)] - LINK;
        }
        return bytes;
    }

    // ---- what goes out

    /** Writes the virtio-net header of a packet in front of its IP header. */
    private void writeHeader(int first, long frames) {
        long slot = batch.slot(first);
        if (frames != Long.lowestOneBit(frames)) {
            runs.writeHeaders(frames, slot + LINK);
        } else if (batch.hasOffload(first)) {
            batch.request(first).writeHeader(slot + LINK, LINK, 0);
        } else {
            VirtioNetHeader.writePlain(slot + LINK, 0);
        }
    }

    /** Finds the pieces of a packet. @return how many there are, or {@link #TOO_MANY} */
    private int gather(long frames) {
        int first = Long.numberOfTrailingZeros(frames);
        addresses[0] = batch.slot(first) + LINK;
        lengths[0] = VirtioNetHeader.SIZE + batch.visible[first] - LINK;
        int pieces = gatherPayload(first, 1);
        int headers = runs.headerLength(first);
        for (long left = frames & frames - 1; left != 0 && pieces != TOO_MANY; left &= left - 1) {
            int frame = Long.numberOfTrailingZeros(left);
            if (pieces == addresses.length) {
                return TOO_MANY;
            }
            addresses[pieces] = batch.frameAddress(frame) + headers;
            lengths[pieces] = batch.visible[frame] - headers;
            pieces = gatherPayload(frame, pieces + 1);
        }
        return pieces;
    }

    /** Adds what of a frame is not in the slot. */
    private int gatherPayload(int frame, int from) {
        int pieces = from;
        long skip = (long) VirtioNetHeader.SIZE + batch.visible[frame];
        long left = (long) batch.length[frame] - batch.visible[frame];
        for (int segment = batch.chains.firstSegment[frame]; left > 0; segment++) {
            long bytes = batch.chains.length[segment];
            if (skip >= bytes) {
                skip -= bytes;
                continue;
            }
            if (pieces == addresses.length) {
                return TOO_MANY;
            }
            long part = Math.min(left, bytes - skip);
            addresses[pieces] = batch.chains.address[segment] + skip;
            lengths[pieces] = (int) part;
            pieces++;
            left -= part;
            skip = 0;
        }
        return pieces;
    }

    // ---- what waits

    /** Copies a packet to the backlog. */
    private void keep(NetPort from, long frames) {
        int first = Long.numberOfTrailingZeros(frames);
        int headers = runs.headerLength(first);
        int bytes = VirtioNetHeader.SIZE + batch.length[first];
        for (long left = frames & frames - 1; left != 0; left &= left - 1) {
            bytes += batch.length[Long.numberOfTrailingZeros(left)] - headers;
        }
        long address = append(from, bytes, Long.bitCount(frames));
        if (address == Backlog.FULL) {
            return;
        }
        batch.append(first, writer.into(address));
        for (long left = frames & frames - 1; left != 0; left &= left - 1) {
            int frame = Long.numberOfTrailingZeros(left);
            batch.appendFrom(frame, headers, writer);
        }
        uplink.noteWaiting(address, Long.bitCount(frames), bytes(frames));
    }

    private long append(NetPort from, int bytes, int frames) {
        long address = uplink.backlog.append(bytes);
        if (address == Backlog.FULL) {
            from.count(Counter.TX_DROP_UPLINK_FULL, frames);
        } else {
            uplink.count(UplinkCounter.OUT_BACKLOGGED, frames);
        }
        return address;
    }

    private boolean isUdpSuperFrame(int frame) {
        return batch.hasOffload(frame)
                && batch.request(frame).isSuperFrame()
                && !batch.request(frame).frame().isTcp();
    }

    /** Cuts a super-frame that the host's kernel would not. */
    private void segment(NetPort from, int frame) {
        offload.beginSegments(batch.request(frame), OffloadHandling.SEGMENT_COMPLETE, batch.chains, frame);
        for (int i = 0; i < offload.segments(); i++) {
            long address = append(from, offload.bytes(i), 1);
            if (address != Backlog.FULL) {
                offload.writeSegment(i, batch.slot(FrameBatch.SEGMENT), 0, writer.into(address));
                VirtioNetHeader.writePlain(address + LINK, 0);
                uplink.noteWaiting(address, 1, offload.bytes(i) - VirtioNetHeader.SIZE - LINK);
            }
        }
    }

    /** Gives the host as much of what waits as it takes. @return how many packets that was */
    int drain() {
        UplinkQueue queue = uplink.queue();
        Backlog backlog = uplink.backlog;
        int moved = 0;
        while (queue != null && !backlog.isEmpty()) {
            addresses[0] = backlog.firstAddress() + LINK;
            lengths[0] = backlog.firstLength() - LINK;
            queue.add(addresses, lengths, 1);
            queue.flush();
            int result = queue.result(0);
            if (result == Errno.EAGAIN) {
                break;
            }
            uplink.removeFirst(result == UplinkQueue.TAKEN);
            moved++;
        }
        return moved;
    }
}
