package io.vireo.vsock.host;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * The line with which a program of the host says to which port of the guest it wants to be connected, and the one that it
 * gets: {@code CONNECT 52\n}, {@code OK 1073741824\n}. In the first, as in Firecracker, letters may be small, and white space
 * is what separates the two words.
 */
final class ConnectLine {
    /** Bytes of the longest line that makes sense, with its end, and some to spare for white space. */
    static final int MAX_BYTES = 32;

    /** There is no end of a line yet. */
    static final int INCOMPLETE = 0;
    /** Whatever comes, it is not such a line. */
    static final int MALFORMED = -1;

    private static final String WORD = "CONNECT";
    private static final long MAX_PORT = 0xffff_fffeL; // before VMADDR_PORT_ANY (vsock(7))

    private ConnectLine() {}

    /** Bytes up to and with the end of the line, {@link #INCOMPLETE} or, if there are too many without it, {@link #MALFORMED}. */
    static int length(byte[] received, int count) {
        for (int i = 0; i < count; i++) {
            if (received[i] == '\n') {
                return i + 1;
            }
        }
        return count < MAX_BYTES ? INCOMPLETE : MALFORMED;
    }

    /**
     * The port that a line names.
     *
     * @param length with its end
     * @return unsigned, within 32 bits, or {@link #MALFORMED}
     */
    static long port(byte[] line, int length) {
        String[] words = new String(line, 0, length, US_ASCII).strip().split("[ \t]+", -1);
        if (words.length != 2 || !words[0].equalsIgnoreCase(WORD) || !words[1].matches("[0-9]{1,10}")) {
            return MALFORMED;
        }
        long port = Long.parseLong(words[1]);
        return port <= MAX_PORT ? port : MALFORMED;
    }

    /**
     * What is answered when the guest has accepted.
     *
     * @param port of this side of the connection
     */
    static byte[] answer(int port) {
        return ("OK " + Integer.toUnsignedString(port) + "\n").getBytes(US_ASCII);
    }
}
