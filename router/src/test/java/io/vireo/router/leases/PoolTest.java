package io.vireo.router.leases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv6.Ipv6Prefix;
import org.junit.jupiter.api.Test;

class PoolTest {
    @Test
    void isARangeOfIpv4Addresses() {
        Pool pool = Fixtures.pool(250, 10);

        assertEquals(10, pool.size());
        assertEquals("10.0.0.250", pool.get(0).toString());
        assertEquals("10.0.1.3", pool.get(9).toString());
        assertTrue(pool.contains(Fixtures.ipv4(259)));
        assertFalse(pool.contains(Fixtures.ipv4(260)));
        assertFalse(pool.contains(Fixtures.ipv4(249)));
    }

    @Test
    void isTheHostsOfASubnetFrom1000On() {
        Pool pool = Pool.ipv6Addresses("n", Ipv6Prefix.parse("2001:db8::/64"));

        assertEquals(Long.MAX_VALUE, pool.size());
        assertEquals("2001:db8::1000", pool.get(0).toString());
        assertEquals("2001:db8::1:fff", pool.get(0xffff).toString());
        assertTrue(pool.contains(Resource.of(Fixtures.v6("2001:db8::ffff:ffff:ffff:ffff"))));
        assertFalse(pool.contains(Resource.of(Fixtures.v6("2001:db8::fff"))));
        assertFalse(pool.contains(Resource.of(Fixtures.v6("2001:db8:0:1::"))));
    }

    @Test
    void isARangeOfIpv6Addresses() {
        Pool pool =
                Pool.ipv6Addresses("n", Fixtures.v6("2001:db8::ffff:ffff:ffff:ffff"), Fixtures.v6("2001:db8:0:1::1"));

        assertEquals(3, pool.size());
        assertEquals("2001:db8:0:1::1", pool.get(2).toString());
    }

    @Test
    void isThe64sOfAPrefixButItsFirst() {
        Pool pool = Pool.ownPrefixes("n", Ipv6Prefix.parse("2001:db8:1::/48"));

        assertEquals(0xffff, pool.size());
        assertEquals("2001:db8:1:1::/64", pool.get(0).toString());
        assertEquals("2001:db8:1:ffff::/64", pool.get(0xfffe).toString());
        assertFalse(pool.contains(Resource.own(Ipv6Prefix.parse("2001:db8:1::/64"))));
    }

    @Test
    void isThePrefixesOfALengthWithinAnother() {
        Pool pool = Pool.delegated("n", Ipv6Prefix.parse("2001:db8:8000::/36"), 56);

        assertEquals(1 << 20, pool.size());
        assertEquals("2001:db8:8000::/56", pool.get(0).toString());
        assertEquals("2001:db8:8fff:ff00::/56", pool.get(pool.size() - 1).toString());
        assertTrue(pool.contains(Fixtures.delegated("2001:db8:8abc:de00::/56")));
        assertFalse(pool.contains(Fixtures.delegated("2001:db8:8abc:de00::/60")));
    }

    @Test
    void canBeOfOne() {
        assertEquals(1, Fixtures.pool(7, 1).size());
        assertEquals(
                1, Pool.delegated("n", Ipv6Prefix.parse("2001:db8::/56"), 56).size());
        assertEquals(
                Long.MAX_VALUE,
                Pool.delegated("n", Ipv6Prefix.parse("::/0"), 128).size());
    }

    @Test
    void refusesWhatHoldsNothing() {
        assertThrows(IllegalArgumentException.class, () -> Fixtures.pool(7, 0));
        assertThrows(IllegalArgumentException.class, () -> Pool.ipv6Addresses("n", Ipv6Prefix.parse("2001:db8::/120")));
        assertThrows(IllegalArgumentException.class, () -> Pool.ownPrefixes("n", Ipv6Prefix.parse("2001:db8::/64")));
        assertThrows(IllegalArgumentException.class, () -> Pool.delegated("n", Ipv6Prefix.parse("2001:db8::/56"), 48));
    }

    @Test
    void refusesAResourceOfAnotherKind() {
        Ipv6Prefix wide = Ipv6Prefix.parse("2001:db8::/56");
        assertThrows(IllegalArgumentException.class, () -> Resource.own(wide));
        assertThrows(IllegalArgumentException.class, () -> new Resource(Kind.IPV4, Ipv6Prefix.parse("::1/128")));
        assertThrows(IllegalStateException.class, () -> Resource.delegated(wide).ipv4());
        assertThrows(IllegalStateException.class, () -> Fixtures.ipv4(1).prefix());
    }
}
