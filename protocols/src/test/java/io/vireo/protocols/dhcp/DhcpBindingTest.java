package io.vireo.protocols.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DhcpBindingTest {
    private static DhcpBinding binding(String address, int dns, int mtu, int leaseSeconds) {
        Ipv4Address gateway = Ipv4Address.parse("10.0.0.1");
        List<Ipv4Address> servers = Collections.nCopies(dns, gateway);
        return new DhcpBinding(
                DhcpFrames.CLIENT,
                Optional.of(Ipv4Address.parse(address)),
                Ipv4Prefix.parse("10.0.0.0/24"),
                false,
                gateway,
                servers,
                mtu,
                leaseSeconds,
                DhcpParameters.NONE);
    }

    private static void assertRefused(String message, Runnable binding) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, binding::run).getMessage());
    }

    @Test
    void acceptsTheLimits() {
        assertEquals(16, binding("10.0.0.5", 16, 68, 1).dns().size());
        assertEquals(65_535, binding("10.0.0.5", 0, 65_535, Integer.MAX_VALUE).mtu());
    }

    @Test
    void saysWhatItRefuses() {
        assertRefused("address 10.0.1.5 is not in network 10.0.0.0/24", () -> binding("10.0.1.5", 0, 1500, 1));
        assertRefused("17 DNS servers, at most 16 fit", () -> binding("10.0.0.5", 17, 1500, 1));
        assertRefused("MTU 67 is not within 68 to 65535", () -> binding("10.0.0.5", 0, 67, 1));
        assertRefused("MTU 65536 is not within 68 to 65535", () -> binding("10.0.0.5", 0, 65_536, 1));
        assertRefused("lease of 0 seconds is not positive", () -> binding("10.0.0.5", 0, 1500, 0));
    }

    @Test
    void takesAnotherAddressOrNone() {
        DhcpBinding binding = DhcpFrames.binding(true);
        assertEquals(Optional.empty(), binding.withAddress(Optional.empty()).address());
        assertEquals(binding, binding.withAddress(Optional.empty()).withAddress(binding.address()));
        Optional<Ipv4Address> foreign = Optional.of(Ipv4Address.parse("192.168.1.10"));
        assertRefused("address 192.168.1.10 is not in network 192.168.0.0/24", () -> binding.withAddress(foreign));
    }

    @Test
    void namesTheServerByItsAddressing() {
        assertEquals("192.168.0.1", DhcpFrames.binding(false).serverIdentifier().toString());
        assertEquals("169.254.0.1", DhcpFrames.binding(true).serverIdentifier().toString());
    }
}
