package io.vireo.protocols.dhcpv6;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class Dhcpv6BindingTest {
    private static final Ipv6Address SERVER = Ipv6Address.parse("2001:db8::1");

    private static Dhcpv6Binding binding(int dns, List<String> search, int ntp, int preferred, int valid) {
        return new Dhcpv6Binding(
                Dhcpv6Frames.GUEST,
                Optional.empty(),
                Optional.empty(),
                Collections.nCopies(dns, SERVER),
                search,
                Collections.nCopies(ntp, SERVER),
                preferred,
                valid);
    }

    @Test
    void derivesTimesFromAnyPreferredLifetime() {
        Dhcpv6Binding shortest = binding(0, List.of(), 0, 1, 1);
        assertEquals(0, shortest.renewalSeconds());
        assertEquals(0, shortest.rebindingSeconds());
        Dhcpv6Binding longest = binding(0, List.of(), 0, Integer.MAX_VALUE, Integer.MAX_VALUE);
        assertEquals(1_073_741_823, longest.renewalSeconds());
        assertEquals(1_717_986_917, longest.rebindingSeconds());
    }

    @Test
    void refusesWhatCannotBeTold() {
        assertThrows(IllegalArgumentException.class, () -> binding(17, List.of(), 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> binding(0, List.of(), 9, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> binding(0, List.of("a..b"), 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> binding(0, Collections.nCopies(5, "x".repeat(50)), 0, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> binding(0, List.of(), 0, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> binding(0, List.of(), 0, 2, 1));
    }
}
