package io.vireo.vhostuser.backend;

import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolViolation;
import io.vireo.vhostuser.VhostUserMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What SET_VRING_KICK, SET_VRING_CALL and SET_VRING_ERR say: bits 0 to 7 name the ring, bit 8 says that no descriptor came
 * along. Descriptors are checked here, and stay the message's.
 */
final class VringFd {
    private static final long INDEX_MASK = 0xff;
    private static final long NO_FD = 0x100;

    private VringFd() {}

    static int index(VhostUserMessage message) throws ProtocolViolation {
        long value = Payload.readU64(message);
        if ((value & ~(INDEX_MASK | NO_FD)) != 0) {
            throw new ProtocolViolation(message.name() + " of 0x%x".formatted(value));
        }
        return (int) (value & INDEX_MASK);
    }

    /** An eventfd: whatever else becomes readable would have to be read, and could block then. */
    static @Nullable Fd kick(VhostUserMessage message) throws ProtocolViolation, LinuxException {
        Fd kick = descriptor(message);
        if (kick != null && FileStatus.of(kick).kind() != FileStatus.Kind.EVENTFD) {
            throw new ProtocolViolation(message.name() + " with a descriptor that is no eventfd");
        }
        return kick;
    }

    static @Nullable NotifyFd notification(VhostUserMessage message) throws ProtocolViolation, LinuxException {
        Fd fd = descriptor(message);
        return fd == null ? null : NotifyFd.of(fd, message.name());
    }

    private static @Nullable Fd descriptor(VhostUserMessage message) throws ProtocolViolation {
        List<Fd> fds = message.fds();
        int expected = (Payload.readU64(message) & NO_FD) == 0 ? 1 : 0;
        if (fds.size() != expected) {
            throw new ProtocolViolation(message.name() + " with " + fds.size() + " descriptors, expected " + expected);
        }
        return expected == 0 ? null : fds.getFirst();
    }
}
