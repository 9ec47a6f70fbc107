package io.vireo.services.migtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What is in front of a packet's payload, 21 bytes, little endian:
 *
 * <pre>
 *  0           1                9             13       17            21
 * +-----------+----------------+-------------+--------+-------------+---------
 * | operation | mig_request_id | sequence_id | status | data_length | payload
 * +-----------+----------------+-------------+--------+-------------+---------
 * </pre>
 *
 * @param operation {@link MigTdOperation#code}, or any other byte
 * @param sequenceId counts a direction's packets from 1, and on past 2^32 - 1
 * @param dataLength bytes of payload, unsigned
 */
record MigTdPacketHeader(int operation, long migRequestId, int sequenceId, int status, int dataLength) {
    static final int SIZE = 21;

    private static final int REQUEST_OFFSET = 1;
    private static final int SEQUENCE_OFFSET = 9;
    private static final int STATUS_OFFSET = 13;
    private static final int LENGTH_OFFSET = 17;

    /** The header in the first {@value #SIZE} bytes. */
    static MigTdPacketHeader read(byte[] from) {
        ByteBuffer bytes = ByteBuffer.wrap(from).order(ByteOrder.LITTLE_ENDIAN);
        return new MigTdPacketHeader(
                bytes.get(0) & 0xff,
                bytes.getLong(REQUEST_OFFSET),
                bytes.getInt(SEQUENCE_OFFSET),
                bytes.getInt(STATUS_OFFSET),
                bytes.getInt(LENGTH_OFFSET));
    }

    /** Writes the first {@value #SIZE} bytes. */
    void write(byte[] into) {
        ByteBuffer.wrap(into)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(0, (byte) operation)
                .putLong(REQUEST_OFFSET, migRequestId)
                .putInt(SEQUENCE_OFFSET, sequenceId)
                .putInt(STATUS_OFFSET, status)
                .putInt(LENGTH_OFFSET, dataLength);
    }
}
