package io.vireo.services.migtd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What a host asks of a MigTD ({@link TdxCalls#migtdWaitForRequest}).
 *
 * @param operation {@link #START_MIGRATION}, or another one of GHCI's
 * @param payload at most {@link GhciBuffer#MAX_PAYLOAD} bytes, of which the first eight are the request's identifier
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
public record MigTdRequest(int operation, byte[] payload) {
    public static final int START_MIGRATION = 1;
    public static final int START_REBINDING = 2;
    public static final int GET_REPORT_DATA = 3;
    public static final int ENABLE_LOG_AREA = 4;
    public static final int GET_MIGTD_DATA = 5;

    private static final int START_MIGRATION_SIZE = 56;
    private static final int SOURCE_OFFSET = 8;
    private static final int UUID_OFFSET = 16;
    private static final int BINDING_OFFSET = 48;
    private static final int UUID_WORDS = 4;

    public MigTdRequest {
        if (operation < 1 || operation > 0xff) {
            throw new IllegalArgumentException("operation " + operation);
        }
        if (payload.length < Long.BYTES || payload.length > GhciBuffer.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a request of " + payload.length + " bytes");
        }
    }

    /**
     * Prepare the migration of a trust domain.
     *
     * @param source whether the domain leaves this host
     * @param targetTdUuid of the domain, four words
     * @param bindingHandle of the MigTD and the domain
     */
    public static MigTdRequest startMigration(
            long migRequestId, boolean source, List<Long> targetTdUuid, long bindingHandle) {
        if (targetTdUuid.size() != UUID_WORDS) {
            throw new IllegalArgumentException("a UUID of " + targetTdUuid.size() + " words");
        }
        ByteBuffer payload = ByteBuffer.allocate(START_MIGRATION_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        payload.putLong(0, migRequestId).put(SOURCE_OFFSET, (byte) (source ? 1 : 0));
        for (int i = 0; i < UUID_WORDS; i++) {
            payload.putLong(UUID_OFFSET + i * Long.BYTES, targetTdUuid.get(i));
        }
        payload.putLong(BINDING_OFFSET, bindingHandle);
        return new MigTdRequest(START_MIGRATION, payload.array());
    }

    public long migRequestId() {
        return ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    }

    /** The status that the buffer of the call gets. */
    long status() {
        return GhciBuffer.DONE | (long) operation << 8;
    }
}
