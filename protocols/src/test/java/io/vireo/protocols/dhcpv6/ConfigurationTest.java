package io.vireo.protocols.dhcpv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.dhcpv6.Dhcpv6Option.OptionRequest;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
    private static final String DNS = "20010db8000000000000000000000053" + "20010db8000000000000000000000054";
    private static final String DOMAINS = "03656e67076578616d706c6503636f6d00" + "076578616d706c6503636f6d00";
    private static final String TIME = "20010db8000000000000000000000123";

    private static OptionRequest asking(Integer... codes) {
        return new OptionRequest(Arrays.asList(codes));
    }

    private static List<Integer> codes(Replies.Answer answer) {
        return answer.message().options().stream()
                .map(Dhcpv6Option::code)
                .filter(code -> code > Dhcpv6OptionCode.PREFERENCE)
                .toList();
    }

    @Test
    void tellsAClientThatAsksForNothingInParticularWhatMatters() {
        Replies.Answer reply = Replies.answer(RequestType.INFORMATION_REQUEST);
        assertEquals(List.of(23, 24, 56), codes(reply));
        assertEquals(DNS, reply.hex(23));
        assertEquals(DOMAINS, reply.hex(24));
        assertEquals("00010010" + TIME, reply.hex(56));
    }

    @Test
    void tellsWhatIsAskedForAndNoMore() {
        assertEquals(List.of(), codes(Replies.answer(RequestType.SOLICIT, asking(21, 22, 39))));
        assertEquals(List.of(24), codes(Replies.answer(RequestType.REQUEST, asking(24, 24))));
        Replies.Answer old = Replies.answer(RequestType.RENEW, asking(31));
        assertEquals(List.of(31), codes(old));
        assertEquals(TIME, old.hex(31));
        assertEquals("00000e10", Replies.answer(RequestType.REBIND, asking(82)).hex(82));
    }

    @Test
    void tellsOnlyAStatelessClientWhenToAskAgain() {
        Replies.Answer stateless = Replies.answer(RequestType.INFORMATION_REQUEST, asking(32, 83));
        assertEquals("00015180", stateless.hex(32));
        assertEquals("00000e10", stateless.hex(83));
        assertEquals(List.of(), codes(Replies.answer(RequestType.SOLICIT, asking(32, 83))));
        Dhcpv6Binding brief = new Dhcpv6Binding(
                Dhcpv6Frames.GUEST, Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), 10, 20);
        byte[] frame = Dhcpv6Frames.frame(Dhcpv6Frames.message(RequestType.INFORMATION_REQUEST, asking(32)));
        assertEquals("00000258", Replies.answer(frame, brief).hex(32), "no client asks more often");
    }

    @Test
    void tellsNothingThatThereIsNot() {
        Dhcpv6Binding bare = new Dhcpv6Binding(
                Dhcpv6Frames.GUEST, Optional.empty(), Optional.empty(), List.of(), List.of(), List.of(), 10, 20);
        byte[] frame = Dhcpv6Frames.frame(Dhcpv6Frames.message(RequestType.SOLICIT, asking(23, 24, 31, 56)));
        assertEquals(List.of(), codes(Replies.answer(frame, bare)));
    }

    @Test
    void fitsEveryLinkWhateverIsConfigured() {
        Ipv6Address server = Ipv6Address.parse("2001:db8::1");
        String domain = "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63) + "." + "d".repeat(61);
        Dhcpv6Binding most = new Dhcpv6Binding(
                MacAddress.parse("52:54:00:12:34:01"),
                Optional.of(Dhcpv6Frames.ADDRESS.address()),
                Optional.of(Dhcpv6Frames.PREFIX),
                Collections.nCopies(Dhcpv6Binding.MAXIMUM_DNS, server),
                List.of(domain),
                Collections.nCopies(Dhcpv6Binding.MAXIMUM_NTP, server),
                10,
                20);
        Dhcpv6Message message = new Dhcpv6Message(
                RequestType.SOLICIT.code(),
                1,
                List.of(
                        new Dhcpv6Option.ClientIdentifier(new Duid(new byte[Duid.MAXIMUM_LENGTH])),
                        asking(23, 24, 31, 56, 82),
                        Dhcpv6Frames.association(AssociationType.IA_NA, 1),
                        Dhcpv6Frames.association(AssociationType.IA_TA, 1),
                        Dhcpv6Frames.association(AssociationType.IA_PD, 1)));
        Replies.Answer reply = Replies.answer(Dhcpv6Frames.frame(message), most);
        assertTrue(reply.outcome().frame().length <= 14 + 1280);
    }
}
