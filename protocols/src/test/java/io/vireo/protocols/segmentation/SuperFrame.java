package io.vireo.protocols.segmentation;

import io.vireo.protocols.Golden;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * TCP and UDP frames byte by byte, built without the code under test; payload and ports are random.
 *
 * @param headerLength bytes of all headers
 */
record SuperFrame(byte[] bytes, boolean ipv6, boolean tcp, int transportOffset, int headerLength) {
    static final String IPV6_SOURCE = "20010db8000000000000000000000001";
    static final String IPV6_DESTINATION = "20010db800000000ffff0000000000fe";
    static final String IPV4_SOURCE = "0a000001";
    static final String IPV4_DESTINATION = "0a0000fe";
    static final int IDENTIFICATION = 0xfffe;
    static final int SEQUENCE = 0xffff_ff00;
    /** CWR, ACK, PSH, FIN. */
    static final int FLAGS = 0x99;

    /** @param options bytes of them: of TCP, a multiple of 4 up to 40 */
    static SuperFrame tcp(SplittableRandom random, boolean ipv6, int options, int payload) {
        int header = 20 + options;
        byte[] bytes = random(random, ipv6, header + payload, 6);
        int transport = transportOffset(ipv6);
        ByteBuffer frame = ByteBuffer.wrap(bytes).position(transport);
        frame.putInt(random.nextInt()).putInt(SEQUENCE).putInt(random.nextInt());
        frame.put((byte) (header << 2)).put((byte) FLAGS);
        return new SuperFrame(bytes, ipv6, true, transport, transport + header);
    }

    static SuperFrame udp(SplittableRandom random, boolean ipv6, int payload) {
        byte[] bytes = random(random, ipv6, 8 + payload, 17);
        int transport = transportOffset(ipv6);
        ByteBuffer frame = ByteBuffer.wrap(bytes).position(transport);
        frame.putInt(random.nextInt()).putShort((short) (8 + payload));
        return new SuperFrame(bytes, ipv6, false, transport, transport + 8);
    }

    private static int transportOffset(boolean ipv6) {
        return ipv6 ? 54 : 34;
    }

    private static byte[] random(SplittableRandom random, boolean ipv6, int transportLength, int protocol) {
        byte[] bytes = new byte[transportOffset(ipv6) + transportLength];
        random.nextBytes(bytes);
        ByteBuffer frame = ByteBuffer.wrap(bytes).position(12);
        if (ipv6) {
            frame.putShort((short) 0x86dd).putInt(0x6001_2345).putShort((short) transportLength);
            frame.put((byte) protocol).put((byte) 64);
            frame.put(Golden.bytes(IPV6_SOURCE + IPV6_DESTINATION));
            return bytes;
        }
        frame.putShort((short) 0x0800).putShort((short) 0x4500).putShort((short) (20 + transportLength));
        frame.putShort((short) IDENTIFICATION).putShort((short) 0x4000);
        frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        frame.put(Golden.bytes(IPV4_SOURCE + IPV4_DESTINATION));
        return bytes;
    }

    int payloadLength() {
        return bytes.length - headerLength;
    }
}
