package io.vireo.harness.packets;

import java.net.Inet4Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** DHCP messages (RFC 2131, figure 1) as a client reads them; addresses and numbers in network order. */
final class Dhcp {
    static final int SERVER_PORT = 67;
    static final int CLIENT_PORT = 68;
    static final int BOOTREQUEST = 1;
    static final int MAGIC = 0x6382_5363;

    static final int FLAGS = 10;
    static final int CIADDR = 12;
    static final int GIADDR = 24;
    static final int CHADDR = 28;
    static final int SNAME = 44;
    static final int FILE = 108;
    static final int COOKIE = 236;
    static final int OPTIONS = 240;
    static final int BROADCAST_FLAG = 0x8000;

    static final int REQUESTED_IP = 50;
    static final int LEASE_TIME = 51;
    static final int MESSAGE_TYPE = 53;
    static final int SERVER_ID = 54;
    static final int SUBNET_MASK = 1;
    static final int ROUTER = 3;
    static final int DNS = 6;
    static final int MTU = 26;
    static final int T1 = 58;
    static final int T2 = 59;
    static final int CLASSLESS_ROUTES = 121;

    private static final int BOOTREPLY = 2;
    private static final int YIADDR = 16;
    private static final int SIADDR = 20;
    private static final int NTP = 42;

    private Dhcp() {}

    static Optional<DhcpResponse> read(IpPacket<Inet4Address> packet) {
        return packet.udpPayload(SERVER_PORT, CLIENT_PORT)
                .filter(message -> message.limit() >= OPTIONS
                        && message.get(0) == BOOTREPLY
                        && message.get(1) == 1
                        && message.get(2) == Mac.LENGTH
                        && message.getInt(COOKIE) == MAGIC)
                .flatMap(message -> DhcpOptions.read(message.slice(OPTIONS, message.limit() - OPTIONS))
                        .filter(Dhcp::lengthsAreRight)
                        .flatMap(options -> type(options)
                                .flatMap(type -> classlessRoutes(options)
                                        .map(routes ->
                                                response(type, message, options, routes, envelope(packet, message))))));
    }

    private static Optional<DhcpMessageType> type(DhcpOptions options) {
        return options.value(MESSAGE_TYPE)
                .filter(value -> value.length() == 1)
                .flatMap(value -> DhcpMessageType.ofCode(value.toBytes()[0]))
                .filter(DhcpMessageType::isAnswer);
    }

    private static DhcpResponse response(
            DhcpMessageType type,
            ByteBuffer message,
            DhcpOptions options,
            List<ClasslessRoute> routes,
            DhcpEnvelope envelope) {
        return new DhcpResponse(
                type,
                message.getInt(4),
                address(message, YIADDR),
                first(options, SERVER_ID).orElse(envelope.nextServer()),
                first(options, SUBNET_MASK),
                first(options, ROUTER),
                addresses(options, DNS),
                seconds(options, LEASE_TIME),
                options.has(MTU) ? OptionalInt.of(Strict.u16(options.buffer(MTU))) : OptionalInt.empty(),
                seconds(options, T1),
                seconds(options, T2),
                routes,
                envelope,
                options);
    }

    private static DhcpEnvelope envelope(IpPacket<Inet4Address> packet, ByteBuffer message) {
        return new DhcpEnvelope(
                packet.src(),
                packet.dst(),
                Mac.read(message.slice(CHADDR, Mac.LENGTH)),
                address(message, CIADDR),
                address(message, SIADDR),
                text(message, SNAME, FILE),
                text(message, FILE, COOKIE),
                (message.getShort(FLAGS) & BROADCAST_FLAG) != 0,
                message.limit());
    }

    private static Inet4Address address(ByteBuffer message, int at) {
        return Ip.read(message.slice(at, Ip.ADDRESS_LENGTH));
    }

    private static String text(ByteBuffer message, int at, int end) {
        int zero = at;
        while (zero < end && message.get(zero) != 0) {
            zero++;
        }
        return Octets.of(message.slice(at, zero - at)).text();
    }

    private static boolean lengthsAreRight(DhcpOptions options) {
        for (Map.Entry<Integer, Octets> option : options.values().entrySet()) {
            int length = option.getValue().length();
            boolean isRight = switch (option.getKey()) {
                case SUBNET_MASK, SERVER_ID, LEASE_TIME, T1, T2 -> length == 4;
                case ROUTER, DNS, NTP -> length >= 4 && length % 4 == 0;
                case MTU -> length == 2;
                default -> true;
            };
            if (!isRight) {
                return false;
            }
        }
        return true;
    }

    private static Optional<List<ClasslessRoute>> classlessRoutes(DhcpOptions options) {
        return Strict.parse(() -> {
            ByteBuffer in = options.buffer(CLASSLESS_ROUTES);
            List<ClasslessRoute> routes = new ArrayList<>();
            while (in.hasRemaining()) {
                int prefixLength = Strict.u8(in);
                Strict.require(prefixLength <= 32);
                byte[] destination = new byte[Ip.ADDRESS_LENGTH];
                in.get(destination, 0, (prefixLength + 7) / 8);
                routes.add(new ClasslessRoute(Ip.read(ByteBuffer.wrap(destination)), prefixLength, Ip.read(in)));
            }
            return routes;
        });
    }

    private static List<Inet4Address> addresses(DhcpOptions options, int code) {
        ByteBuffer in = options.buffer(code);
        List<Inet4Address> addresses = new ArrayList<>();
        while (in.hasRemaining()) {
            addresses.add(Ip.read(in));
        }
        return addresses;
    }

    private static Optional<Inet4Address> first(DhcpOptions options, int code) {
        return addresses(options, code).stream().findFirst();
    }

    private static OptionalLong seconds(DhcpOptions options, int code) {
        return options.has(code) ? OptionalLong.of(Strict.u32(options.buffer(code))) : OptionalLong.empty();
    }
}
