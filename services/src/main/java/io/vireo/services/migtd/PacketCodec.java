package io.vireo.services.migtd;

import io.vireo.services.migtd.MigTdProtocolException.Kind;

/** {@link MigTdFraming#PACKET}: numbers what is sent, and checks the numbers of what comes. */
final class PacketCodec extends MigTdCodec {
    private int nextSequence;
    private MigTdPacketHeader last = new MigTdPacketHeader(0, 0, 0, 0, 0);

    PacketCodec() {
        this(1);
    }

    /** @param firstSequence number of the first packet */
    PacketCodec(int firstSequence) {
        nextSequence = firstSequence;
    }

    @Override
    int headerSize() {
        return MigTdPacketHeader.SIZE;
    }

    @Override
    boolean carries(MigTdOperation operation) {
        return operation != MigTdOperation.RECEIVE;
    }

    @Override
    void write(MigTdOperation operation, long migRequestId, int status, int length, byte[] into) {
        new MigTdPacketHeader(operation.code(), migRequestId, nextSequence++, status, length).write(into);
    }

    @Override
    int read(byte[] from) throws MigTdProtocolException {
        last = MigTdPacketHeader.read(from);
        MigTdOperation operation = MigTdOperation.of(last.operation());
        if (operation == null || !carries(operation)) {
            throw new MigTdProtocolException(Kind.WRONG_OPERATION, "a packet of operation " + last.operation());
        }
        if (last.sequenceId() != nextSequence) {
            throw new MigTdProtocolException(
                    Kind.SEQUENCE_GAP,
                    "packet " + Integer.toUnsignedString(last.sequenceId()) + " where "
                            + Integer.toUnsignedString(nextSequence) + " was to come");
        }
        nextSequence++;
        return checkLength(last.dataLength());
    }

    @Override
    void expect(MigTdOperation operation, long migRequestId) throws MigTdProtocolException {
        if (last.operation() != operation.code()) {
            throw new MigTdProtocolException(
                    Kind.WRONG_OPERATION,
                    "a packet of operation " + MigTdOperation.of(last.operation()) + " and status "
                            + Integer.toUnsignedString(last.status()) + " where " + operation + " was to come");
        }
        if (operation == MigTdOperation.WAIT_FOR_REQUEST) {
            return;
        }
        if (last.migRequestId() != migRequestId) {
            throw new MigTdProtocolException(
                    Kind.WRONG_REQUEST,
                    "a packet of migration " + Long.toUnsignedString(last.migRequestId()) + ", not of "
                            + Long.toUnsignedString(migRequestId));
        }
        if (last.status() != 0) {
            throw new MigTdProtocolException(
                    Kind.PEER_FAILED, "a packet of status " + Integer.toUnsignedString(last.status()));
        }
    }

    @Override
    int lastStatus() {
        return last.status();
    }
}
