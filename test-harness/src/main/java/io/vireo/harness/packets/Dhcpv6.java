package io.vireo.harness.packets;

import static io.vireo.harness.packets.Strict.require;
import static io.vireo.harness.packets.Strict.u16;
import static io.vireo.harness.packets.Strict.u32;
import static io.vireo.harness.packets.Strict.u8;

import java.net.Inet6Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;

/** DHCPv6 messages (RFC 8415) as a client reads them. */
final class Dhcpv6 {
    static final int CLIENT_PORT = 546;
    static final int SERVER_PORT = 547;

    static final int CLIENT_ID = 1;
    static final int SERVER_ID = 2;
    static final int IA_NA = 3;
    static final int ADDRESS = 5;
    static final int OPTION_REQUEST = 6;
    static final int ELAPSED = 8;
    static final int RAPID_COMMIT = 14;
    static final int DNS = 23;
    static final int SEARCH = 24;
    static final int IA_PD = 25;
    static final int PREFIX = 26;
    static final int NTP = 56;

    private static final int PREFERENCE = 7;
    private static final int STATUS = 13;
    private static final int NTP_ADDRESS = 1;
    /** All others may be there once (RFC 8415, 24 and table 4; RFC 5908, 4). */
    private static final Set<Integer> REPEATABLE = Set.of(IA_NA, IA_PD, NTP);

    private static final int MAX_DUID = 130;

    private Dhcpv6() {}

    static Optional<Dhcpv6Response> read(IpPacket<Inet6Address> packet) {
        return packet.udpPayload(SERVER_PORT, CLIENT_PORT)
                .flatMap(message -> Strict.parse(() -> read(packet, message)));
    }

    private static Dhcpv6Response read(IpPacket<Inet6Address> packet, ByteBuffer message) {
        int header = message.getInt();
        Optional<Dhcpv6MessageType> type = Dhcpv6MessageType.answerOfCode(header >>> 24);
        require(type.isPresent());
        List<Dhcpv6Option> options = options(message);
        Set<Integer> seen = new HashSet<>();
        for (Dhcpv6Option option : options) {
            require(seen.add(option.code()) || REPEATABLE.contains(option.code()));
        }
        require(seen.contains(SERVER_ID));
        return new Dhcpv6Response(
                type.orElseThrow(),
                header & 0xFF_FFFF,
                packet.src(),
                packet.dst(),
                all(options, SERVER_ID, Dhcpv6::duid).getFirst(),
                all(options, CLIENT_ID, Dhcpv6::duid).stream().findFirst(),
                all(options, IA_NA, value -> association(value, ADDRESS)),
                all(options, IA_PD, value -> association(value, PREFIX)),
                status(options),
                isRapid(options),
                preference(options),
                lists(options, DNS, Dhcpv6::addresses),
                lists(options, SEARCH, DomainNames::read),
                all(options, NTP, Dhcpv6::ntp).stream()
                        .flatMap(Optional::stream)
                        .toList(),
                options);
    }

    private static List<Dhcpv6Option> options(ByteBuffer in) {
        List<Dhcpv6Option> options = new ArrayList<>();
        while (in.hasRemaining()) {
            int code = u16(in);
            options.add(new Dhcpv6Option(code, Octets.of(Strict.take(in, u16(in)))));
        }
        return options;
    }

    /** What the values of all options of this code say; each must be read to its end. */
    private static <T> List<T> all(List<Dhcpv6Option> options, int code, Function<ByteBuffer, T> reader) {
        List<T> all = new ArrayList<>();
        for (Dhcpv6Option option : options) {
            if (option.code() == code) {
                ByteBuffer value = option.value().buffer();
                all.add(reader.apply(value));
                require(!value.hasRemaining());
            }
        }
        return all;
    }

    private static <T> List<T> lists(List<Dhcpv6Option> options, int code, Function<ByteBuffer, List<T>> reader) {
        return all(options, code, reader).stream().flatMap(List::stream).toList();
    }

    private static Octets duid(ByteBuffer in) {
        require(in.remaining() > 2 && in.remaining() <= MAX_DUID);
        return Octets.of(Strict.take(in, in.remaining()));
    }

    private static boolean isRapid(List<Dhcpv6Option> options) {
        return !all(options, RAPID_COMMIT, value -> true).isEmpty();
    }

    private static OptionalInt preference(List<Dhcpv6Option> options) {
        return all(options, PREFERENCE, Strict::u8).stream()
                .mapToInt(Integer::intValue)
                .findFirst();
    }

    private static Optional<Dhcpv6Status> status(List<Dhcpv6Option> options) {
        List<Dhcpv6Status> all = all(
                options,
                STATUS,
                in -> new Dhcpv6Status(
                        u16(in), Octets.of(Strict.take(in, in.remaining())).text()));
        require(all.size() <= 1);
        return all.stream().findFirst();
    }

    /** @param leaf the option's code that holds an address or a prefix */
    private static Dhcpv6Ia association(ByteBuffer in, int leaf) {
        int id = in.getInt();
        long t1 = u32(in);
        long t2 = u32(in);
        require(t1 <= t2 || t2 == 0);
        List<Dhcpv6Option> options = options(in);
        require(options.stream().allMatch(option -> option.code() == leaf || option.code() == STATUS));
        List<Dhcpv6Lease> leases = all(options, leaf, leaf == ADDRESS ? Dhcpv6::address : Dhcpv6::prefix);
        return new Dhcpv6Ia(id, t1, t2, leases, status(options));
    }

    private static Dhcpv6Lease address(ByteBuffer in) {
        Inet6Address address = Ip.readIpv6(in);
        return lease(address, Dhcpv6Lease.ADDRESS, u32(in), u32(in), in);
    }

    private static Dhcpv6Lease prefix(ByteBuffer in) {
        long preferred = u32(in);
        long valid = u32(in);
        int length = u8(in);
        Inet6Address prefix = Ip.readIpv6(in);
        require(Ip.isPrefix(prefix, length));
        return lease(prefix, length, preferred, valid, in);
    }

    private static Dhcpv6Lease lease(Inet6Address address, int length, long preferred, long valid, ByteBuffer in) {
        require(preferred <= valid);
        List<Dhcpv6Option> options = options(in);
        require(options.stream().allMatch(option -> option.code() == STATUS));
        return new Dhcpv6Lease(address, length, preferred, valid, status(options));
    }

    private static List<Inet6Address> addresses(ByteBuffer in) {
        List<Inet6Address> addresses = new ArrayList<>();
        while (in.hasRemaining()) {
            addresses.add(Ip.readIpv6(in));
        }
        require(!addresses.isEmpty());
        return addresses;
    }

    /** One server has one option with one suboption in it, by address or otherwise (RFC 5908, 4). */
    private static Optional<Inet6Address> ntp(ByteBuffer in) {
        int code = u16(in);
        ByteBuffer value = Strict.take(in, u16(in));
        return code == NTP_ADDRESS ? Optional.of(addresses(value).getFirst()) : Optional.empty();
    }
}
