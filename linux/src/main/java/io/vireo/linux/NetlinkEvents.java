package io.vireo.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * A subscription to what the kernel announces of network interfaces, addresses and routes in the network namespace of the
 * thread that opened it. Takes no privilege. Confined to one thread.
 */
public final class NetlinkEvents implements AutoCloseable {
    // RTNLGRP_ numbers
    private static final int LINK = 1;
    private static final int IPV4_ADDRESS = 5;
    private static final int IPV4_ROUTE = 7;
    private static final int IPV6_ADDRESS = 9;
    private static final int IPV6_ROUTE = 11;

    private final NetlinkSocket socket;

    private NetlinkEvents(NetlinkSocket socket) {
        this.socket = socket;
    }

    public static NetlinkEvents open() throws LinuxException {
        return new NetlinkEvents(NetlinkSocket.forGroups(LINK, IPV4_ADDRESS, IPV4_ROUTE, IPV6_ADDRESS, IPV6_ROUTE));
    }

    /** Readable when {@link #next} has something. */
    public Fd fd() {
        return socket.fd();
    }

    /**
     * Takes the next announcements; none are left when it returns none.
     *
     * @return in order; {@link NetlinkEvent.Overrun} where some are missing
     */
    public List<NetlinkEvent> next() throws LinuxException {
        List<NetlinkEvent> events = new ArrayList<>();
        while (events.isEmpty()) {
            int length = socket.receive();
            if (length == NetlinkSocket.NOTHING) {
                break;
            }
            if (length == NetlinkSocket.OVERRUN) {
                return List.of(new NetlinkEvent.Overrun());
            }
            for (NetlinkMessage message : NetlinkMessage.parse(socket.received(length))) {
                NetlinkEvent.parse(message).ifPresent(events::add);
            }
        }
        return events;
    }

    @Override
    public void close() {
        socket.close();
    }
}
