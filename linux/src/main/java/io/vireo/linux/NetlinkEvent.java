package io.vireo.linux;

import java.util.Optional;

/** What the kernel announces of its network interfaces, addresses and routes. */
public sealed interface NetlinkEvent {
    /** An interface is new, or is not as it was. */
    record LinkChanged(NetlinkLink link) implements NetlinkEvent {}

    /** An interface is gone from this network namespace. */
    record LinkGone(NetlinkLink link) implements NetlinkEvent {}

    /** The interface with that index has got or lost an address. */
    record AddressChanged(int link) implements NetlinkEvent {}

    /** A route was added, put in the place of another, or deleted, by the request of a {@link Netlink#port} or (0) without. */
    record RouteChanged(NetlinkRoute route, int port) implements NetlinkEvent {}

    /** Some were lost, as nobody fetched them: anything may have changed. */
    record Overrun() implements NetlinkEvent {}

    /**
     * @return empty for what is of no interest
     * @throws LinuxException with EBADMSG if it is cut off
     */
    static Optional<NetlinkEvent> parse(NetlinkMessage message) throws LinuxException {
        return switch (message.type()) {
            case NetlinkMessage.NEW_LINK -> ofAnyFamily(message).map(LinkChanged::new);
            case NetlinkMessage.DELETE_LINK -> ofAnyFamily(message).map(LinkGone::new);
            case NetlinkMessage.NEW_ADDRESS, NetlinkMessage.DELETE_ADDRESS -> {
                message.requireBody(Netlink.ADDRESS_HEADER_SIZE);
                yield Optional.of(new AddressChanged(message.body().getInt(Netlink.ADDRESS_LINK_OFFSET)));
            }
            case NetlinkMessage.NEW_ROUTE, NetlinkMessage.DELETE_ROUTE ->
                NetlinkRoute.parse(message).map(route -> new RouteChanged(route, message.port()));
            default -> Optional.empty();
        };
    }

    /** The bridge module announces that a link has joined or left a bridge as a link of its own family: not meant here. */
    private static Optional<NetlinkLink> ofAnyFamily(NetlinkMessage message) throws LinuxException {
        NetlinkLink link = NetlinkLink.parse(message);
        return message.body().get(0) == 0 ? Optional.of(link) : Optional.empty();
    }
}
