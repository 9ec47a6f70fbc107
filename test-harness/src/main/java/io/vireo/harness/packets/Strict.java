package io.vireo.harness.packets;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Supplier;

/** Lets a parser of nested structures give up from any depth, as nothing of a malformed reply may be used. */
final class Strict {
    private Strict() {}

    /** What the parser returns; nothing if it requires in vain, or reads beyond the end of a buffer. */
    static <T> Optional<T> parse(Supplier<T> parser) {
        try {
            return Optional.of(parser.get());
        } catch (MalformedException | BufferUnderflowException _) {
            return Optional.empty();
        }
    }

    static void require(boolean condition) {
        if (!condition) {
            throw new MalformedException();
        }
    }

    static int u8(ByteBuffer in) {
        return in.get() & 0xFF;
    }

    static int u16(ByteBuffer in) {
        return in.getShort() & 0xFFFF;
    }

    static long u32(ByteBuffer in) {
        return in.getInt() & 0xFFFF_FFFFL;
    }

    /** The next bytes as a buffer of their own; the position moves behind them. */
    static ByteBuffer take(ByteBuffer in, int length) {
        require(length <= in.remaining());
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    private static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MalformedException() {
            super("malformed", null, false, false);
        }
    }
}
