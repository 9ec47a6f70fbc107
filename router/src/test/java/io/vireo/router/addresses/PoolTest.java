package io.vireo.router.addresses;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vireo.protocols.dhcp.DhcpFormatException;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import io.vireo.protocols.ipv4.Ipv4Range;
import io.vireo.router.config.Addressing;
import io.vireo.router.config.NetworkConfig;
import io.vireo.vhostuser.backend.GuestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** IPv4 addresses of a pool of two, 10.0.0.100 and 10.0.0.101, for a and b and c; d's is fixed. A lease is a minute. */
class PoolTest {
    private static final String FIRST = "10.0.0.100";
    private static final String SECOND = "10.0.0.101";
    private static final String FIXED = "10.0.0.5";

    private Service service;
    private Client a;
    private Client b;
    private Client c;
    private Client d;

    @BeforeEach
    @SuppressWarnings("NullAway.Init")
    void start(@TempDir Path folder) throws IOException {
        NetworkConfig network = new NetworkConfig("default", Ipv4Prefix.parse("10.0.0.0/24"), Addressing.SUBNET)
                .withPool(new Ipv4Range(Ipv4Address.parse(FIRST), Ipv4Address.parse(SECOND)))
                .withLeaseSeconds(60);
        service = new Service(
                folder,
                network,
                UnaryOperator.identity(),
                UnaryOperator.identity(),
                UnaryOperator.identity(),
                config -> config.withIpv4(Ipv4Address.parse(FIXED)));
        a = service.client(0);
        b = service.client(1);
        c = service.client(2);
        d = service.client(3);
    }

    @AfterEach
    void end() throws IOException {
        service.close();
    }

    private String exchange(Client client, byte[] frame) throws DhcpFormatException {
        service.receive(client, frame);
        return client.answer();
    }

    private void lease(Client client, String address) throws DhcpFormatException {
        assertEquals("OFFER " + address + " 60", exchange(client, client.discover()));
        assertEquals("ACK " + address + " 60", exchange(client, client.request(address)));
        assertInForce(address, client);
    }

    private static void assertInForce(String address, Client client) {
        assertEquals(address, new Ipv4Address(client.ipv4).toString());
    }

    private static void assertNone(Client client) {
        assertInForce("0.0.0.0", client);
    }

    @Test
    void anAddressIsInForceOnceItIsLeasedAndBeforeThatIsSaid() throws Exception {
        exchange(a, a.discover());
        assertNone(a);
        service.events.clear();
        service.receive(a, a.request(FIRST));
        assertEquals(List.of("a has 10.0.0.100", "a is answered"), service.events);
    }

    @Test
    void aFixedAddressIsInForceFromTheStart() throws Exception {
        assertInForce(FIXED, d);
        lease(d, FIXED);
        lease(a, FIRST);
        service.receive(d, d.release(FIXED));
        assertInForce(FIXED, d);
    }

    @Test
    void aLeaseThatIsRenewedLastsOn() throws Exception {
        lease(a, FIRST);
        service.pass(50_000);
        assertEquals("ACK 10.0.0.100 60", exchange(a, a.renew(FIRST)));
        service.pass(50_000);
        service.turn(() -> {});
        assertInForce(FIRST, a);
    }

    @Test
    void aLeaseThatIsNotRenewedEndsAndGoesToWhoAsksNext() throws Exception {
        lease(a, FIRST);
        lease(b, SECOND);
        service.receive(c, c.discover());
        assertEquals(List.of(), c.received);
        assertEquals(1, c.exhausted);
        service.pass(59_999);
        service.turn(() -> {});
        assertInForce(FIRST, a);
        assertEquals(TimeUnit.MILLISECONDS.toNanos(1), service.sleepNs);

        service.sleep();
        assertNone(a);
        lease(c, FIRST);
        assertEquals("NAK 0.0.0.0 0", exchange(a, a.renew(FIRST)));
        assertNone(a);
    }

    @Test
    void aTurnWithNothingToComeMaySleepButNotForEver() {
        service.turn(() -> {});
        assertEquals(TimeUnit.MINUTES.toNanos(1), service.sleepNs);
    }

    @Test
    void whatIsReleasedAndLeasedInOneTurnIsTakenFromTheOneFirst() throws Exception {
        lease(a, FIRST);
        lease(b, SECOND);
        service.events.clear();
        service.turn(() -> {
            service.take(c, c.request(FIRST)); // refused, as it is a's still
            service.take(a, a.release(FIRST));
            service.take(c, c.discover());
            service.take(c, c.request(FIRST));
        });
        assertEquals(
                List.of("a has no address", "c has 10.0.0.100", "c is answered", "c is answered", "c is answered"),
                service.events);
    }

    @Test
    void aDeclinedAddressIsFollowedByAnother() throws Exception {
        lease(a, FIRST);
        service.receive(a, a.decline(FIRST));
        assertNone(a);
        lease(a, SECOND);
        service.receive(b, b.discover());
        assertEquals(1, b.exhausted, "the first one rests");
    }

    @Test
    void whoDeclinesOnAndOnFillsNoLog() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(GuestLog.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setAdditive(false);
        try {
            lease(d, FIXED);
            for (int i = 0; i < 100; i++) {
                service.receive(d, d.decline(FIXED));
            }
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(true);
        }
        assertEquals(8, log.list.size(), "as many declines as count");
        assertInForce(FIXED, d);
    }

    @Test
    void whatDidNotComeIntoForceIsNotPromisedAndTriedAgain() throws Exception {
        exchange(a, a.discover());
        a.failing = true;
        service.receive(a, a.request(FIRST));
        lease(b, SECOND);
        assertEquals(List.of(), a.received);
        assertNone(a);

        a.failing = false;
        assertEquals(TimeUnit.SECONDS.toNanos(1), service.sleepNs);
        service.sleep();
        assertInForce(FIRST, a);
        assertEquals("ACK 10.0.0.100 60", exchange(a, a.request(FIRST)));
        assertEquals(TimeUnit.SECONDS.toNanos(59), service.sleepNs, "until b's lease ends");
    }

    @Test
    void exhaustionIsAnswered() throws Exception {
        lease(a, FIRST);
        lease(b, SECOND);
        assertEquals("NAK 0.0.0.0 0", exchange(c, c.request(FIRST)));
        assertEquals(1, c.exhausted);
    }

    @Test
    void whatAsksForNothingTakesNothing() throws Exception {
        lease(a, FIRST);
        service.receive(b, b.release(SECOND));
        service.receive(b, b.decline(SECOND));
        byte[] damaged = b.discover();
        damaged[60]++;
        service.receive(b, damaged);
        assertEquals(List.of(), b.received);
        assertEquals("ACK 0.0.0.0 0", exchange(b, b.inform("10.0.0.200")));
        lease(c, SECOND);
        service.receive(b, b.release(SECOND));
        assertEquals(0, b.exhausted);
    }

    @Test
    void leasesOutliveTheProcess() throws Exception {
        lease(a, FIRST);
        lease(b, SECOND);
        service.pass(10_000);
        service.restart();
        assertInForce(FIRST, a);
        assertInForce(SECOND, b);
        assertInForce(FIXED, d);
        service.receive(c, c.discover());
        assertEquals(1, c.exhausted);
        service.pass(60_000);
        service.restart();
        assertNone(a);
        assertNone(b);
    }

    @Test
    void aFullDiskEndsNewLeasesAndNoOthers() throws Exception {
        lease(a, FIRST);
        service.diskFull(true);
        service.pass(20_000);
        assertEquals("ACK 10.0.0.100 40", exchange(a, a.renew(FIRST)), "what is left of it");
        assertEquals("OFFER 10.0.0.101 60", exchange(b, b.discover()));
        service.receive(b, b.request(SECOND));
        assertEquals(List.of(), b.received);
        assertNone(b);
        assertEquals("ACK 10.0.0.5 60", exchange(d, d.request(FIXED)), "its own whatever happens");
        assertInForce(FIRST, a);

        service.diskFull(false);
        assertEquals("ACK 10.0.0.101 60", exchange(b, b.request(SECOND)));
        assertEquals("ACK 10.0.0.100 60", exchange(a, a.renew(FIRST)));
        service.restart();
        assertInForce(FIRST, a);
        assertInForce(SECOND, b);
    }

    @Test
    void onAFullDiskALeaseEndsInTime() throws Exception {
        lease(a, FIRST);
        service.diskFull(true);
        service.pass(59_000);
        assertEquals("ACK 10.0.0.100 1", exchange(a, a.renew(FIRST)));
        service.pass(1000);
        service.receive(a, a.renew(FIRST));
        assertEquals(List.of(), a.received);
        assertNone(a);
        assertTrue(service.leases().isEmpty());
    }
}
