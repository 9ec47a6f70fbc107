package io.vireo.protocols.dhcp;

import static io.vireo.fuzz.FuzzTarget.claim;

import io.vireo.fuzz.Frames;
import io.vireo.fuzz.FuzzTarget;
import io.vireo.fuzz.Input;
import io.vireo.fuzz.Packing;
import io.vireo.harness.packets.DhcpBuilder;
import io.vireo.harness.packets.DhcpResponse;
import io.vireo.harness.packets.Packets;
import io.vireo.protocols.dhcp.DhcpResponder.Outcome;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.net.Inet4Address;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A DHCP message after a byte of options: read, written and read again it is the same; in a frame, what is answered is read
 * by a strict client, who is given its own address or none.
 */
public final class DhcpTarget implements FuzzTarget {
    private static final MacAddress GUEST = new MacAddress(Frames.GUEST_MAC.value());
    private static final Inet4Address SERVER = Packets.ip("10.0.0.1");

    private final DhcpResponder responder = new DhcpResponder();

    @Override
    public int maximumLength() {
        return 700;
    }

    @Override
    public List<byte[]> seeds() {
        return Stream.of(
                        DhcpBuilder.discover(Frames.GUEST_MAC, 1),
                        DhcpBuilder.selecting(Frames.GUEST_MAC, 1, Frames.GUEST, SERVER),
                        DhcpBuilder.initReboot(Frames.GUEST_MAC, 1, Frames.NEIGHBOUR),
                        DhcpBuilder.decline(Frames.GUEST_MAC, 1, Frames.GUEST, SERVER),
                        DhcpBuilder.release(Frames.GUEST_MAC, 1, Frames.GUEST, Packets.GATEWAY_MAC, SERVER),
                        DhcpBuilder.inform(Frames.GUEST_MAC, 1, Frames.GUEST))
                .map(builder -> message(builder.frame()))
                .toList();
    }

    /** Of a frame with headers of 42 bytes. */
    private static byte[] message(byte[] frame) {
        byte[] bytes = Frames.strip(frame);
        byte[] message = Arrays.copyOfRange(bytes, 41, bytes.length);
        message[0] = 0;
        return message;
    }

    @Override
    public void run(Input input) throws DhcpFormatException {
        int options = input.u8();
        byte[] payload = input.rest();
        try {
            DhcpMessage message = DhcpMessage.parse(payload);
            DhcpMessage again = DhcpMessage.parse(message.encode());
            claim(again.equals(message), "written and read again");
            claim(Arrays.equals(again.encode(), message.encode()), "written twice");
            claim(message.encode(300 + options).length <= Math.max(300, 300 + options), "longer than allowed");
        } catch (DhcpFormatException e) {
            claim(!String.valueOf(e.getMessage()).isEmpty(), "a reason");
        }
        byte[] frame = (options & 1) == 0 ? Packing.udp(payload, GUEST, 68, 67) : payload;
        answer(frame, binding((options & 2) != 0, (options & 4) == 0));
    }

    private void answer(byte[] frame, DhcpBinding binding) {
        byte[] before = frame.clone();
        DhcpResponder.asksForAddress(frame, frame.length, GUEST);
        Outcome outcome = responder.respond(frame, frame.length, binding);
        claim(Arrays.equals(before, frame), "a request was changed");
        switch (outcome) {
            case Outcome.Offer(byte[] offer) -> claimGiven(offer, binding);
            case Outcome.Ack(byte[] ack, int seconds) -> {
                claimGiven(ack, binding);
                claim(seconds > 0 && seconds <= binding.leaseSeconds(), "how long");
            }
            case Outcome.Nak(byte[] nak) -> read(nak);
            case Outcome.Information(byte[] information) ->
                claim(read(information).leaseTime().isEmpty(), "no lease with an INFORM");
            case Outcome.Declined(Ipv4Address address) ->
                claim(binding.address().equals(Optional.of(address)), "another's address");
            case Outcome.Released() -> claim(binding.address().isPresent(), "none was there");
            case Outcome.Ignored(String reason) -> claim(!reason.isEmpty(), "a reason");
        }
    }

    private static void claimGiven(byte[] frame, DhcpBinding binding) {
        Ipv4Address own = binding.address().orElseThrow();
        claim(Arrays.equals(read(frame).yourIp().getAddress(), own.toBytes()), "the guest's own address");
    }

    private static DhcpResponse read(byte[] frame) {
        claim(frame.length <= 14 + 1500, "longer than the link carries");
        return Packets.parseDhcpResponse(Frames.forHarness(frame, frame.length))
                .orElseThrow(() -> new AssertionError("no answer to a client's reading"));
    }

    private static DhcpBinding binding(boolean routed, boolean hasAddress) {
        return new DhcpBinding(
                GUEST,
                hasAddress ? Optional.of(Ipv4Address.parse("10.0.0.5")) : Optional.empty(),
                Ipv4Prefix.parse("10.0.0.0/24"),
                routed,
                Ipv4Address.parse("10.0.0.1"),
                List.of(Ipv4Address.parse("1.1.1.1")),
                1500,
                86_400,
                DhcpParameters.NONE);
    }
}
