package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** DHCP messages (RFC 2131, figure 1) as a client writes and reads them; addresses and numbers in network order. */
final class Dhcp {
    static final int SERVER_PORT = 67;
    static final int CLIENT_PORT = 68;
    static final int DISCOVER = 1;
    static final int REQUEST = 3;

    private static final int BOOTREQUEST = 1;
    private static final int BOOTREPLY = 2;
    private static final int YIADDR = 16;
    private static final int SIADDR = 20;
    private static final int CHADDR = 28;
    private static final int COOKIE = 236;
    private static final int OPTIONS = 240;
    private static final int MAGIC = 0x6382_5363;
    /** Relays and servers may drop anything shorter (RFC 1542, 2.1). */
    private static final int MINIMUM_LENGTH = 300;

    private static final int PAD = 0;
    private static final int SUBNET_MASK = 1;
    private static final int ROUTER = 3;
    private static final int DNS = 6;
    private static final int MTU = 26;
    private static final int REQUESTED_IP = 50;
    private static final int LEASE_TIME = 51;
    private static final int MESSAGE_TYPE = 53;
    private static final int SERVER_ID = 54;
    private static final int PARAMETERS = 55;
    private static final int T1 = 58;
    private static final int T2 = 59;
    private static final int CLASSLESS_ROUTES = 121;
    private static final int END = 255;

    private static final byte[] WANTED = {CLASSLESS_ROUTES, SUBNET_MASK, ROUTER, DNS, MTU, LEASE_TIME, SERVER_ID, T1, T2
    };

    private Dhcp() {}

    static byte[] request(int type, Mac clientMac, int xid, Map<Integer, Inet4Address> addressOptions) {
        ByteBuffer message = ByteBuffer.allocate(MINIMUM_LENGTH);
        message.put((byte) BOOTREQUEST).put((byte) 1).put((byte) Mac.LENGTH).put((byte) 0);
        message.putInt(xid).position(CHADDR);
        clientMac.write(message);
        message.position(COOKIE).putInt(MAGIC);
        message.put((byte) MESSAGE_TYPE).put((byte) 1).put((byte) type);
        new TreeMap<>(addressOptions)
                .forEach((code, address) -> message.put(code.byteValue())
                        .put((byte) Ip.ADDRESS_LENGTH)
                        .put(address.getAddress()));
        message.put((byte) PARAMETERS).put((byte) WANTED.length).put(WANTED);
        return message.put((byte) END).array();
    }

    static Map<Integer, Inet4Address> selecting(Inet4Address requestedIp, Inet4Address serverIp) {
        return Map.of(REQUESTED_IP, requestedIp, SERVER_ID, serverIp);
    }

    static Optional<DhcpResponse> read(ByteBuffer message) {
        if (message.limit() < OPTIONS
                || message.get(0) != BOOTREPLY
                || message.get(1) != 1
                || message.get(2) != Mac.LENGTH
                || message.getInt(COOKIE) != MAGIC) {
            return Optional.empty();
        }
        return options(message.slice(OPTIONS, message.limit() - OPTIONS)).flatMap(options -> {
            byte[] type = options.getOrDefault(MESSAGE_TYPE, new byte[0]);
            if (type.length != 1 || !lengthsAreRight(options)) {
                return Optional.empty();
            }
            return classlessRoutes(options)
                    .flatMap(routes ->
                            DhcpMessageType.ofCode(type[0]).map(known -> response(known, message, options, routes)));
        });
    }

    private static DhcpResponse response(
            DhcpMessageType type, ByteBuffer message, Map<Integer, byte[]> options, List<ClasslessRoute> routes) {
        return new DhcpResponse(
                type,
                message.getInt(4),
                Ip.read(message.slice(YIADDR, Ip.ADDRESS_LENGTH)),
                first(options, SERVER_ID).orElseGet(() -> Ip.read(message.slice(SIADDR, Ip.ADDRESS_LENGTH))),
                first(options, SUBNET_MASK),
                first(options, ROUTER),
                addresses(options, DNS),
                seconds(options, LEASE_TIME),
                options.containsKey(MTU)
                        ? OptionalInt.of(value(options, MTU).getShort() & 0xFFFF)
                        : OptionalInt.empty(),
                seconds(options, T1),
                seconds(options, T2),
                routes);
    }

    /** The options by code; one that appears again continues the first (RFC 3396). Empty where one is cut short. */
    private static Optional<Map<Integer, byte[]>> options(ByteBuffer in) {
        Map<Integer, byte[]> options = new TreeMap<>();
        while (in.hasRemaining()) {
            int code = in.get() & 0xFF;
            if (code == END) {
                return Optional.of(options);
            }
            if (code == PAD) {
                continue;
            }
            int length = in.hasRemaining() ? in.get() & 0xFF : Integer.MAX_VALUE;
            if (length > in.remaining()) {
                return Optional.empty();
            }
            byte[] value = new byte[length];
            in.get(value);
            options.merge(
                    code,
                    value,
                    (a, b) -> ByteBuffer.allocate(a.length + b.length)
                            .put(a)
                            .put(b)
                            .array());
        }
        // RFC 2131, 4.1: the last option must always be the end option.
        return Optional.empty();
    }

    private static boolean lengthsAreRight(Map<Integer, byte[]> options) {
        return options.entrySet().stream().allMatch(option -> {
            int length = option.getValue().length;
            return switch (option.getKey()) {
                case SUBNET_MASK, SERVER_ID, LEASE_TIME, T1, T2 -> length == 4;
                case ROUTER, DNS -> length >= 4 && length % 4 == 0;
                case MTU -> length == 2;
                default -> true;
            };
        });
    }

    private static Optional<List<ClasslessRoute>> classlessRoutes(Map<Integer, byte[]> options) {
        ByteBuffer in = value(options, CLASSLESS_ROUTES);
        List<ClasslessRoute> routes = new ArrayList<>();
        while (in.hasRemaining()) {
            int prefixLength = in.get() & 0xFF;
            int significant = (prefixLength + 7) / 8;
            if (prefixLength > 32 || in.remaining() < significant + Ip.ADDRESS_LENGTH) {
                return Optional.empty();
            }
            byte[] destination = new byte[Ip.ADDRESS_LENGTH];
            in.get(destination, 0, significant);
            routes.add(new ClasslessRoute(Ip.read(ByteBuffer.wrap(destination)), prefixLength, Ip.read(in)));
        }
        return Optional.of(routes);
    }

    private static ByteBuffer value(Map<Integer, byte[]> options, int code) {
        return ByteBuffer.wrap(options.getOrDefault(code, new byte[0]));
    }

    private static List<Inet4Address> addresses(Map<Integer, byte[]> options, int code) {
        ByteBuffer in = value(options, code);
        List<Inet4Address> addresses = new ArrayList<>();
        while (in.hasRemaining()) {
            addresses.add(Ip.read(in));
        }
        return addresses;
    }

    private static Optional<Inet4Address> first(Map<Integer, byte[]> options, int code) {
        return addresses(options, code).stream().findFirst();
    }

    private static OptionalLong seconds(Map<Integer, byte[]> options, int code) {
        return options.containsKey(code)
                ? OptionalLong.of(value(options, code).getInt() & 0xFFFF_FFFFL)
                : OptionalLong.empty();
    }
}
