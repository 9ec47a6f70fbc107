package io.vireo.protocols.dhcpv6;

import static io.vireo.protocols.dhcpv6.AssociationType.IA_NA;
import static io.vireo.protocols.dhcpv6.AssociationType.IA_PD;
import static io.vireo.protocols.dhcpv6.AssociationType.IA_TA;
import static io.vireo.protocols.dhcpv6.Dhcpv6Frames.ADDRESS;
import static io.vireo.protocols.dhcpv6.Dhcpv6Frames.FOREIGN;
import static io.vireo.protocols.dhcpv6.Dhcpv6Frames.FOREIGN_PREFIX;
import static io.vireo.protocols.dhcpv6.Dhcpv6Frames.PREFIX;
import static io.vireo.protocols.dhcpv6.Dhcpv6Frames.association;
import static io.vireo.protocols.dhcpv6.Replies.answer;
import static io.vireo.protocols.dhcpv6.Replies.ignored;
import static io.vireo.protocols.dhcpv6.Replies.inside;
import static io.vireo.protocols.dhcpv6.Replies.lease;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.Golden;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Lease;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.Other;
import io.vireo.protocols.dhcpv6.Dhcpv6Option.ServerIdentifier;
import io.vireo.protocols.dhcpv6.Replies.Answer;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class Dhcpv6ResponderTest {
    private static final Other RAPID_COMMIT = new Other(Dhcpv6OptionCode.RAPID_COMMIT, new byte[0]);
    private static final Dhcpv6Binding NOTHING = Dhcpv6Frames.binding(Optional.empty(), Optional.empty());

    @Test
    void advertisesByteForByte() {
        Golden.of(answer(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.binding()).outcome().frame())
                .assertHolds("525400123401 020000000001 86dd 60000000 00e4 11 40"
                        + "fe800000000000000000000000000001 fe80000000000000505400fffe123401 0223 0222 00e4 3f32"
                        + "024feb36 0001000e 000100013294732c525400123401 0002000a 00030001020000000001"
                        + "00030028 00123401 0000a8c0 00010e00"
                        + "00050018 20010db8000100020000000000000005 00015180 0002a300"
                        + "00190029 00123401 0000a8c0 00010e00"
                        + "001a0019 00015180 0002a300 38 20010db8800001000000000000000000"
                        + "00070001 ff"
                        + "00170020 20010db8000000000000000000000053 20010db8000000000000000000000054"
                        + "0018001e 03656e67076578616d706c6503636f6d00 076578616d706c6503636f6d00"
                        + "001f0010 20010db8000000000000000000000123");
    }

    @Test
    void grantsNothingByAnAdvertisement() {
        answer(Dhcpv6Frames.SOLICIT, Dhcpv6Frames.binding()).assertChangesNothing();
    }

    @Test
    void repliesToTheRequestOfWhatItAdvertised() {
        Answer reply = answer(Dhcpv6Frames.REQUEST, Dhcpv6Frames.binding());
        assertEquals(7, reply.message().type());
        assertEquals(0x523800, reply.message().transactionId());
        assertEquals(Dhcpv6Frames.CLIENT.duid(), reply.message().client().orElseThrow());
        assertEquals(List.of(lease(IA_NA, ADDRESS)), inside(reply.association(IA_NA, 0x123401)));
        assertEquals(List.of(lease(IA_PD, PREFIX)), inside(reply.association(IA_PD, 0x123401)));
        assertEquals(43_200, reply.association(IA_NA, 0x123401).renewalSeconds());
        assertEquals(69_120, reply.association(IA_NA, 0x123401).rebindingSeconds());
        assertEquals("none", reply.hex(Dhcpv6OptionCode.PREFERENCE));
        reply.assertGrants(Dhcpv6Resource.ADDRESS, Dhcpv6Resource.PREFIX);
    }

    @Test
    void grantsAtOnceOnRapidCommit() {
        Answer reply = answer(RequestType.SOLICIT, RAPID_COMMIT, association(IA_NA, 1), association(IA_PD, 2));
        assertEquals(7, reply.message().type());
        assertEquals("", reply.hex(Dhcpv6OptionCode.RAPID_COMMIT));
        reply.assertGrants(Dhcpv6Resource.ADDRESS, Dhcpv6Resource.PREFIX);
        answer(RequestType.SOLICIT, RAPID_COMMIT, association(IA_PD, 2)).assertGrants(Dhcpv6Resource.PREFIX);
    }

    @Test
    void advertisesThatThereIsNothingEvenOnRapidCommit() {
        Answer advertise =
                answer(NOTHING, RequestType.SOLICIT, RAPID_COMMIT, association(IA_NA, 1), association(IA_PD, 2));
        assertEquals(2, advertise.message().type());
        assertEquals("none", advertise.hex(Dhcpv6OptionCode.RAPID_COMMIT));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(advertise.association(IA_NA, 1)));
        assertEquals(List.of(Replies.NO_PREFIX_AVAIL), inside(advertise.association(IA_PD, 2)));
        assertEquals(0, advertise.association(IA_NA, 1).renewalSeconds());
        advertise.assertChangesNothing();
    }

    @Test
    void repliesThatThereIsNothing() {
        Answer reply =
                answer(NOTHING, RequestType.REQUEST, association(IA_NA, 1, ADDRESS), association(IA_PD, 2, PREFIX));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 1)));
        assertEquals(List.of(Replies.NO_PREFIX_AVAIL), inside(reply.association(IA_PD, 2)));
        reply.assertChangesNothing();
    }

    @Test
    void givesTheAddressToTheFirstOfSeveralAssociations() {
        Answer reply = answer(RequestType.REQUEST, association(IA_NA, 9), association(IA_NA, 1), association(IA_NA, 5));
        assertEquals(List.of(lease(IA_NA, ADDRESS)), inside(reply.association(IA_NA, 9)));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 1)));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 5)));
        reply.assertGrants(Dhcpv6Resource.ADDRESS);
    }

    @Test
    void leavesTheAddressToTheAssociationThatHasIt() {
        Answer reply = answer(RequestType.RENEW, association(IA_NA, 9), association(IA_NA, 1, ADDRESS));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 9)));
        assertEquals(List.of(lease(IA_NA, ADDRESS)), inside(reply.association(IA_NA, 1)));
    }

    @Test
    void hasNoTemporaryAddresses() {
        Answer advertise = answer(RequestType.SOLICIT, association(IA_TA, 1));
        assertEquals(List.of(Replies.NO_ADDRS_AVAIL), inside(advertise.association(IA_TA, 1)));
        answer(RequestType.REQUEST, association(IA_TA, 1, ADDRESS)).assertChangesNothing();
    }

    @Test
    void takesWhatASolicitOrRequestNamesAsAHint() {
        for (RequestType type : List.of(RequestType.SOLICIT, RequestType.REQUEST)) {
            Answer reply = answer(type, association(IA_NA, 1, FOREIGN), association(IA_PD, 2, FOREIGN_PREFIX));
            assertEquals(List.of(lease(IA_NA, ADDRESS)), inside(reply.association(IA_NA, 1)));
            assertEquals(List.of(lease(IA_PD, PREFIX)), inside(reply.association(IA_PD, 2)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"RENEW", "REBIND"})
    void renewsWhatIsTheGuestsAndTellsItWhatIsNot(RequestType type) {
        Answer reply = answer(
                type,
                association(IA_NA, 1, FOREIGN, ADDRESS),
                association(IA_NA, 2, FOREIGN),
                association(IA_PD, 1, PREFIX, FOREIGN_PREFIX));
        assertEquals(7, reply.message().type());
        assertEquals(
                List.of(lease(IA_NA, ADDRESS), Lease.revoked(IA_NA, FOREIGN)), inside(reply.association(IA_NA, 1)));
        assertEquals(
                List.of(Lease.revoked(IA_NA, FOREIGN), Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 2)));
        assertEquals(
                List.of(lease(IA_PD, PREFIX), Lease.revoked(IA_PD, FOREIGN_PREFIX)),
                inside(reply.association(IA_PD, 1)));
        reply.assertGrants(Dhcpv6Resource.ADDRESS, Dhcpv6Resource.PREFIX);
    }

    @ParameterizedTest
    @EnumSource(names = {"RENEW", "REBIND"})
    void revokesWhatThereIsNoMore(RequestType type) {
        Answer reply = answer(NOTHING, type, association(IA_NA, 1, ADDRESS), association(IA_PD, 1, PREFIX));
        assertEquals(
                List.of(Lease.revoked(IA_NA, ADDRESS), Replies.NO_ADDRS_AVAIL), inside(reply.association(IA_NA, 1)));
        assertEquals(
                List.of(Lease.revoked(IA_PD, PREFIX), Replies.NO_PREFIX_AVAIL), inside(reply.association(IA_PD, 1)));
        reply.assertChangesNothing();
    }

    @Test
    void confirmsTheGuestsOwnAddressAndNoOther() {
        Answer own = answer(RequestType.CONFIRM, association(IA_NA, 1, ADDRESS));
        assertEquals(Replies.status(0, ""), own.hex(Dhcpv6OptionCode.STATUS_CODE));
        assertEquals(List.of(), own.message().associations());
        own.assertGrants(Dhcpv6Resource.ADDRESS);

        for (Answer other : List.of(
                answer(RequestType.CONFIRM, association(IA_NA, 1, FOREIGN)),
                answer(RequestType.CONFIRM, association(IA_NA, 1, ADDRESS, FOREIGN)),
                answer(RequestType.CONFIRM, association(IA_NA, 1, ADDRESS), association(IA_TA, 1, FOREIGN)),
                answer(NOTHING, RequestType.CONFIRM, association(IA_NA, 1, ADDRESS)))) {
            assertEquals(Replies.status(4, "not an address of this link"), other.hex(Dhcpv6OptionCode.STATUS_CODE));
            other.assertChangesNothing();
        }
        assertEquals("CONFIRM of no address", ignored(RequestType.CONFIRM, association(IA_NA, 1)));
        assertEquals("CONFIRM of no address", ignored(RequestType.CONFIRM, association(IA_PD, 1, PREFIX)));
    }

    @Test
    void releasesWhatIsTheGuests() {
        Answer reply = answer(
                RequestType.RELEASE,
                association(IA_NA, 1, FOREIGN, ADDRESS),
                association(IA_NA, 2, FOREIGN),
                association(IA_PD, 3, PREFIX),
                association(IA_PD, 4));
        assertEquals(Replies.status(0, ""), reply.hex(Dhcpv6OptionCode.STATUS_CODE));
        assertEquals(2, reply.message().associations().size());
        assertEquals(List.of(Replies.NO_BINDING), inside(reply.association(IA_NA, 2)));
        assertEquals(List.of(Replies.NO_BINDING), inside(reply.association(IA_PD, 4)));
        reply.assertChanges(Set.of(), EnumSet.allOf(Dhcpv6Resource.class), Set.of());

        Answer nothing = answer(NOTHING, RequestType.RELEASE, association(IA_NA, 1, ADDRESS));
        assertEquals(List.of(Replies.NO_BINDING), inside(nothing.association(IA_NA, 1)));
        nothing.assertChangesNothing();
    }

    @Test
    void takesAnAddressThatSomebodyElseUses() {
        Answer reply = answer(
                RequestType.DECLINE,
                association(IA_NA, 1, ADDRESS),
                association(IA_NA, 2, FOREIGN),
                association(IA_PD, 3, PREFIX));
        assertEquals(Replies.status(0, ""), reply.hex(Dhcpv6OptionCode.STATUS_CODE));
        assertEquals(1, reply.message().associations().size());
        assertEquals(List.of(Replies.NO_BINDING), inside(reply.association(IA_NA, 2)));
        reply.assertChanges(Set.of(), Set.of(), Set.of(Dhcpv6Resource.ADDRESS));
    }

    @Test
    void informsWithAndWithoutAClientIdentifier() {
        Answer known = answer(RequestType.INFORMATION_REQUEST);
        assertEquals(Dhcpv6Frames.CLIENT.duid(), known.message().client().orElseThrow());
        known.assertChangesNothing();
        Dhcpv6Message anonymous = new Dhcpv6Message(RequestType.INFORMATION_REQUEST.code(), 7, List.of());
        Answer reply = answer(Dhcpv6Frames.frame(anonymous), Dhcpv6Frames.binding());
        assertEquals(7, reply.message().type());
        assertEquals(Optional.empty(), reply.message().client());
        assertEquals(32 * 2, reply.hex(Dhcpv6OptionCode.DNS_SERVERS).length());
        assertEquals(
                "with an identity association",
                ignored(RequestType.INFORMATION_REQUEST, association(IA_NA, 1)).replace("INFORMATION_REQUEST ", ""));
    }

    @ParameterizedTest
    @EnumSource
    void refusesMessagesThatLackOrMustLackAnIdentifier(RequestType type) {
        Dhcpv6Message anonymous = new Dhcpv6Message(type.code(), 7, List.of(association(IA_NA, 1)));
        Dhcpv6Message named = new Dhcpv6Message(
                type.code(), 7, List.of(Dhcpv6Frames.CLIENT, Dhcpv6Frames.SERVER, association(IA_NA, 1)));
        switch (type.identifiers()) {
            case CLIENT -> {
                assertEquals(type + " without a client identifier", ignored(Dhcpv6Frames.frame(anonymous)));
                assertEquals(type + " with a server identifier", ignored(Dhcpv6Frames.frame(named)));
            }
            case CLIENT_AND_SERVER -> {
                assertEquals(type + " without a client identifier", ignored(Dhcpv6Frames.frame(anonymous)));
                Dhcpv6Message serverless = new Dhcpv6Message(type.code(), 7, List.of(Dhcpv6Frames.CLIENT));
                assertEquals(type + " without a server identifier", ignored(Dhcpv6Frames.frame(serverless)));
            }
            case ANY -> assertEquals(type + " with an identity association", ignored(Dhcpv6Frames.frame(anonymous)));
        }
    }

    @Test
    void leavesWhatIsForAnotherServerAlone() {
        ServerIdentifier other = new ServerIdentifier(Duid.linkLayer(Dhcpv6Frames.GUEST));
        for (RequestType type : RequestType.values()) {
            if (type.identifiers() != RequestType.Identifiers.CLIENT) {
                Dhcpv6Message message = new Dhcpv6Message(type.code(), 7, List.of(Dhcpv6Frames.CLIENT, other));
                assertEquals(type + " for another server", ignored(Dhcpv6Frames.frame(message)));
            }
        }
    }

    @Test
    void leavesWhatServersSendAlone() {
        for (int type : List.of(0, 2, 7, 10, 14, 255)) {
            Dhcpv6Message message = new Dhcpv6Message(type, 7, List.of(Dhcpv6Frames.CLIENT, Dhcpv6Frames.SERVER));
            assertEquals("type at byte 0 is %d, not a client's".formatted(type), ignored(Dhcpv6Frames.frame(message)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void answersUnicastWithTheWishForMulticastAlone(RequestType type) {
        byte[] message = Dhcpv6Frames.message(type).encode();
        for (String gateway : List.of("fe80::1", "2001:db8:1::1")) {
            byte[] frame = Dhcpv6Frames.frame(message, Dhcpv6Frames.SOURCE, Ipv6Address.parse(gateway));
            if (type.identifiers() == RequestType.Identifiers.CLIENT) {
                assertEquals(type + " by unicast", ignored(frame));
                continue;
            }
            Answer reply = answer(frame, Dhcpv6Frames.binding());
            assertEquals(7, reply.message().type());
            assertEquals(Replies.status(5, "use multicast"), reply.hex(Dhcpv6OptionCode.STATUS_CODE));
            assertEquals(3, reply.message().options().size());
            reply.assertChangesNothing();
        }
    }

    @Test
    void tellsWhatIsAskedFor() {
        assertEquals(EnumSet.of(Dhcpv6Resource.ADDRESS, Dhcpv6Resource.PREFIX), asksFor(Dhcpv6Frames.SOLICIT));
        assertEquals(
                Set.of(Dhcpv6Resource.ADDRESS),
                asksFor(Dhcpv6Frames.frame(Dhcpv6Frames.message(RequestType.SOLICIT, association(IA_NA, 1)))));
        byte[] damaged = Dhcpv6Frames.SOLICIT.clone();
        damaged[100]++;
        assertEquals(Set.of(), asksFor(damaged));
    }

    @Test
    void whatGivesSomethingBackAsksForNothing() {
        for (RequestType type : List.of(RequestType.RELEASE, RequestType.DECLINE, RequestType.INFORMATION_REQUEST)) {
            assertEquals(
                    Set.of(),
                    asksFor(Dhcpv6Frames.frame(Dhcpv6Frames.message(type, association(IA_NA, 1)))),
                    type.toString());
        }
    }

    private static Set<Dhcpv6Resource> asksFor(byte[] frame) {
        return Dhcpv6Responder.asksFor(frame, frame.length, Dhcpv6Frames.GUEST);
    }

    @Test
    void doesNotAnswerWithMoreThanEveryLinkCarries() {
        Dhcpv6Option[] associations = new Dhcpv6Option[60];
        for (int i = 0; i < associations.length; i++) {
            associations[i] = association(IA_PD, i);
        }
        String reason = ignored(RequestType.SOLICIT, associations);
        assertTrue(reason.startsWith("a reply of ") && reason.endsWith(", more than 1280"), reason);
    }
}
