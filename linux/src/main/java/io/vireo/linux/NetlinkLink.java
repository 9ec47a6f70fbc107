package io.vireo.linux;

/**
 * A network interface as rtnetlink(7) tells of it (struct ifinfomsg).
 *
 * <pre>
 *   0        1         2            4             8             12             16
 *   | family | padding | type (u16) | index (u32) | flags (u32) | change (u32) | attributes
 * </pre>
 *
 * @param name at this moment
 * @param mtu 0 if nothing was said
 */
public record NetlinkLink(int index, String name, int mtu, boolean up) {
    static final int HEADER_SIZE = 16;
    static final int FLAG_UP = 1;

    static final int NAME = 3;
    static final int MTU = 4;
    static final int FAMILY_SPECIFIC = 26;
    static final int IPV6_ADDRESS_GENERATION = 8;
    static final byte GENERATE_NONE = 1;

    private static final int INDEX_OFFSET = 4;
    private static final int FLAGS_OFFSET = 8;

    /** @throws LinuxException with EBADMSG if it is cut off */
    static NetlinkLink parse(NetlinkMessage message) throws LinuxException {
        message.requireBody(HEADER_SIZE);
        String name = "";
        int mtu = 0;
        for (NetlinkAttribute attribute : message.attributes(HEADER_SIZE)) {
            switch (attribute.type()) {
                case NAME -> name = attribute.text();
                case MTU -> mtu = attribute.number();
                default -> {} // of no interest here
            }
        }
        boolean up = (message.body().getInt(FLAGS_OFFSET) & FLAG_UP) != 0;
        return new NetlinkLink(message.body().getInt(INDEX_OFFSET), name, mtu, up);
    }
}
