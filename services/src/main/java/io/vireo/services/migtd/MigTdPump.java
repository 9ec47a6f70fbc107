package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import io.vireo.services.migtd.MigTdProtocolException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a relayed connection. Messages pass piece by piece, their headers checked; what one side does not take,
 * the other side does not get rid of. The end passes as a half-close, between two messages only.
 */
final class MigTdPump {
    private static final int BUFFER_SIZE = 65_536;

    private final InputStream from;
    private final GuestStream to;
    private final @Nullable MigTdCodec codec;
    private final MigTdCounters counters;
    private final MigTdCounter messages;
    private final MigTdCounter bytes;
    private final byte[] buffer = new byte[BUFFER_SIZE];

    /** @param codec null to copy bytes without a look at them */
    MigTdPump(
            GuestStream from,
            GuestStream to,
            @Nullable MigTdCodec codec,
            MigTdCounters counters,
            MigTdCounter messages,
            MigTdCounter bytes) {
        this.from = from.input();
        this.to = to;
        this.codec = codec;
        this.counters = counters;
        this.messages = messages;
        this.bytes = bytes;
    }

    /** Passes on until the end, and the end too. */
    void run() throws IOException {
        if (codec == null) {
            copy();
        } else {
            while (relayMessage(codec)) {
                counters.add(messages, 1);
            }
        }
        to.shutdownOutput();
    }

    private void copy() throws IOException {
        for (int count; (count = from.read(buffer, 0, BUFFER_SIZE)) >= 0; ) {
            pass(count);
        }
    }

    /** @return false at the end */
    private boolean relayMessage(MigTdCodec codec) throws IOException {
        int used = 0;
        while (used < codec.headerSize()) {
            int count = from.read(buffer, used, codec.headerSize() - used);
            if (count < 0) {
                if (used == 0) {
                    return false;
                }
                throw new MigTdProtocolException(
                        Kind.TRUNCATED, "the end after " + used + " of " + codec.headerSize() + " bytes of a header");
            }
            used += count;
        }
        int left = codec.read(buffer);
        while (left > 0) {
            int count = from.read(buffer, used, Math.min(left, BUFFER_SIZE - used));
            if (count < 0) {
                throw new MigTdProtocolException(Kind.TRUNCATED, "the end, " + left + " bytes before a message's");
            }
            left -= count;
            pass(used + count);
            used = 0;
        }
        if (used > 0) {
            pass(used);
        }
        return true;
    }

    private void pass(int count) throws IOException {
        OutputStream output = to.output();
        output.write(buffer, 0, count);
        output.flush();
        counters.add(bytes, count);
    }
}
