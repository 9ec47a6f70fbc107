package io.vireo.vhostuser.backend;

import io.vireo.linux.Doorbell;
import io.vireo.linux.Fd;
import io.vireo.linux.FileStatus;
import io.vireo.linux.LinuxException;
import io.vireo.vhostuser.ProtocolViolation;

/**
 * A descriptor on which the frontend wants to be told something: an eventfd, or a Unix socket, which is what user-mode
 * Linux passes. Anything else could block or do worse when it is written to.
 */
public record NotifyFd(Fd fd, boolean socket) implements AutoCloseable {
    static NotifyFd of(Fd fd, String request) throws ProtocolViolation, LinuxException {
        return switch (FileStatus.of(fd).kind()) {
            case EVENTFD -> new NotifyFd(fd, false);
            case SOCKET -> new NotifyFd(fd, true);
            default ->
                throw new ProtocolViolation(request + " with a descriptor that is neither eventfd nor Unix socket");
        };
    }

    /** Never blocks. @return false if the other end is gone */
    public boolean ring(Doorbell doorbell) {
        return socket ? doorbell.ringSocket(fd.number()) : doorbell.ringEventFd(fd.number());
    }

    @Override
    public void close() {
        fd.close();
    }
}
