package io.vireo.vhostuser;

import io.vireo.linux.Fd;
import java.util.List;

/**
 * One message as it travels. Whoever received it owns its descriptors.
 *
 * @param request the request's code; one that is unknown here survives
 * @param flags version, reply and need-reply bits
 * @param payload little endian
 */
public record VhostUserMessage(int request, int flags, byte[] payload, List<Fd> fds) {
    public static final int HEADER_SIZE = 12;
    public static final int VERSION_MASK = 3;
    public static final int VERSION = 1;
    public static final int FLAG_REPLY = 4;
    public static final int FLAG_NEED_REPLY = 8;

    /** A request without descriptors. */
    public static VhostUserMessage of(Request request, byte[] payload) {
        return new VhostUserMessage(request.code(), VERSION, payload, List.of());
    }

    public VhostUserMessage withFds(List<Fd> descriptors) {
        return new VhostUserMessage(request, flags, payload, descriptors);
    }

    public VhostUserMessage withFlags(int more) {
        return new VhostUserMessage(request, flags | more, payload, fds);
    }

    /** The answer to this request. */
    public VhostUserMessage reply(byte[] answer) {
        return new VhostUserMessage(request, VERSION | FLAG_REPLY, answer, List.of());
    }

    public boolean needsReply() {
        return (flags & FLAG_NEED_REPLY) != 0;
    }

    public void closeFds() {
        fds.forEach(Fd::close);
    }

    /** The request's name for people. */
    public String name() {
        Request known = Request.of(request);
        return known == null ? "request " + Integer.toUnsignedString(request) : known.name();
    }
}
