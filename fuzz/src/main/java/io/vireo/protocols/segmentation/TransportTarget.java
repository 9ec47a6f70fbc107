package io.vireo.protocols.segmentation;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.checksum.InternetChecksum;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A TCP or UDP frame after a segment size: its headers; and cut, that each segment is such a frame with a right checksum, and
 * all of them together carry the payload once.
 */
public final class TransportTarget implements FuzzTarget {
    private static final int MOST_SEGMENTS = 64;

    private final TransportFrame frame = new TransportFrame();
    private final TransportFrame cut = new TransportFrame();
    private final Segmenter segmenter = new Segmenter();

    @Override
    public List<byte[]> seeds() {
        byte[] payload = new byte[40];
        byte[] udp = Packets.createUdp(
                Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST, Frames.NEIGHBOUR, 1, 2, payload, 64);
        byte[] udp6 = Packets.createUdp(
                Frames.GUEST_MAC, Packets.GATEWAY_MAC, Frames.GUEST6, Frames.NEIGHBOUR6, 1, 2, payload, 64);
        byte[] tcp = Frames.strip(udp);
        tcp[23] = 6;
        tcp[46] = 0x50;
        tcp[47] = (byte) 0x99;
        return List.of(seed(Frames.strip(udp)), seed(Frames.strip(udp6)), seed(tcp));
    }

    private static byte[] seed(byte[] frame) {
        byte[] seed = new byte[3 + frame.length];
        seed[1] = 15;
        System.arraycopy(frame, 0, seed, 3, frame.length);
        return seed;
    }

    @Override
    public void run(Input input) {
        int hidden = input.below(64);
        int size = 1 + input.below(64);
        input.u8();
        byte[] bytes = input.rest();
        int visible = Math.max(0, bytes.length - hidden);
        MemorySegment head = MemorySegment.ofArray(Arrays.copyOf(bytes, visible));
        if (!frame.tryWrap(head, 0, visible, bytes.length)) {
            return;
        }
        claim(frame.transportOffset() >= 34 && frame.headerLength() <= visible, "headers are visible");
        claim(frame.headerLength() <= frame.length() && frame.length() <= bytes.length, "lengths");
        claim(frame.payloadLength() == frame.length() - frame.headerLength(), "payload");
        segmenter.begin(frame, size);
        if (segmenter.count() > MOST_SEGMENTS) {
            return;
        }
        int next = frame.headerLength();
        for (int i = 0; i < segmenter.count(); i++) {
            claim(segmenter.payloadOffset(i) == next, "where a segment's payload begins");
            judge(bytes, i);
            next += segmenter.payloadLength(i);
        }
        claim(next == frame.length(), "all of the payload");
    }

    private void judge(byte[] bytes, int segment) {
        byte[] whole = new byte[segmenter.length(segment)];
        MemorySegment to = MemorySegment.ofArray(whole);
        segmenter.writeHeaders(segment, to, 0);
        int from = segmenter.payloadOffset(segment);
        int length = segmenter.payloadLength(segment);
        System.arraycopy(bytes, from, whole, segmenter.headerLength(), length);
        segmenter.completeChecksum(to, 0, InternetChecksum.sum(to, segmenter.headerLength(), length));
        claim(cut.tryWrap(to, 0, whole.length, whole.length), "a segment is a frame");
        claim(cut.length() == whole.length && cut.headerLength() == frame.headerLength(), "a segment's lengths");
        int transport = whole.length - cut.transportOffset();
        long sum = cut.pseudoHeader(transport) + InternetChecksum.sum(to, cut.transportOffset(), transport);
        claim(InternetChecksum.fold(sum) == 0xFFFF, "a segment's checksum");
        if (cut.isTcp()) {
            claim(cut.sequence() == frame.sequence() + from - frame.headerLength(), "a segment's number");
        }
    }
}
