package io.vireo.router.dataplane;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vhostuser.backend.RingSetup;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PollSetTest {
    private final PollSet set = new PollSet();
    private DataPlane plane;
    private Guest a;
    private Guest b;

    @BeforeEach
    void start() throws Exception {
        plane = DataPlane.subnet();
        a = plane.guest();
        b = plane.guest();
    }

    @AfterEach
    void close() {
        plane.close();
    }

    private int attach(Guest guest) {
        int token = set.attach(guest.port);
        set.activate(guest.port);
        return token;
    }

    private Set<NetPort> active() {
        Set<NetPort> ports = new HashSet<>();
        for (int i = 0; i < set.activeCount(); i++) {
            ports.add(set.active(i));
        }
        assertEquals(set.activeCount(), ports.size(), "each is visited once");
        return ports;
    }

    private void silenceAll() {
        assertTrue(set.silenceAll());
        assertEquals(Set.of(), active());
    }

    @Test
    void tellsPortsApartByTheirTokens() {
        int tokenOfA = attach(a);
        int tokenOfB = attach(b);
        assertEquals(tokenOfA, set.attach(a.port), "it keeps the one it has");
        silenceAll();
        set.kicked(tokenOfB);
        assertEquals(Set.of(b.port), active());
        set.kicked(tokenOfB);
        set.kicked(tokenOfA);
        assertEquals(Set.of(a.port, b.port), active());
    }

    @Test
    void asksForKicksOfSilentPortsAlone() {
        int token = attach(a);
        assertFalse(a.kickIsWanted());
        silenceAll();
        assertTrue(a.kickIsWanted());
        assertTrue(set.hasSilent());
        set.kicked(token);
        assertFalse(a.kickIsWanted());
        assertFalse(set.hasSilent());
    }

    @Test
    void silencesWhoHadNothingToDoSinceTheLastTime() {
        attach(a);
        attach(b);
        set.silenceIdle();
        assertEquals(Set.of(a.port, b.port), active(), "they have just come");
        PollSet.noteWork(b.port);
        set.silenceIdle();
        assertEquals(Set.of(b.port), active());
        set.silenceIdle();
        assertEquals(Set.of(), active());
    }

    @Test
    void doesNotSilenceAPortThatHasWork() {
        attach(a);
        a.send(Frames.udp(a, b.ipv4(), 60));
        assertFalse(set.silenceAll());
        assertEquals(Set.of(a.port), active());
        assertFalse(a.kickIsWanted());
    }

    @Test
    void doesNotSilenceAPortThatNobodyCanKickFor() throws Exception {
        RingSetup setup = a.setup(NetPort.TRANSMIT_QUEUE, 0, true);
        a.port.start(new RingSetup(
                setup.queue(), setup.memory(), setup.place(), setup.base(), 0, true, null, setup.call(), null));
        attach(a);
        assertFalse(set.silenceAll());
        assertEquals(Set.of(a.port), active());
        assertFalse(a.kickIsWanted());
    }

    @Test
    void doesNotPollABrokenPort() {
        int token = attach(a);
        a.offerOutside(false);
        plane.visit(a);
        assertTrue(a.port.isBroken());
        silenceAll();
        set.kicked(token);
        set.activate(a.port);
        set.activateAll();
        assertEquals(Set.of(), active());
    }

    @Test
    void pollsAPortForWhichAFrameWaits() {
        attach(a);
        attach(b);
        silenceAll();
        plane.forwarder.send(b.port, new byte[60]);
        assertEquals(Set.of(b.port), active());
        silenceAll();
        assertTrue(b.rx.isKickWanted(), "buffers are what it waits for");
        a.send(Frames.udp(a, b.ipv4(), 60));
        plane.visit(a);
        assertEquals(Set.of(b.port), active());
        b.post(2, 2000);
        assertFalse(set.silenceAll());
        plane.visit(b);
        assertEquals(2, b.receive().size());
        silenceAll();
    }

    @Test
    void leavesAPortSilentThatIsGivenAFrameAtOnce() {
        attach(b);
        silenceAll();
        b.post(1, 2000);
        a.send(Frames.udp(a, b.ipv4(), 60));
        plane.visit(a);
        assertEquals(1, b.receive().size());
        assertEquals(Set.of(), active());
    }

    @Test
    void forgetsWhoIsDetached() {
        int token = attach(a);
        attach(b);
        set.detach(a.port);
        set.detach(a.port);
        set.kicked(token);
        set.activate(a.port);
        assertEquals(Set.of(b.port), active());
        assertEquals(List.of(b.port), set.attached());
        plane.forwarder.send(a.port, new byte[60]);
        assertEquals(Set.of(b.port), active());
        silenceAll();
        assertEquals(token, attach(a), "a free token is used again");
        set.kicked(-1);
        set.kicked(1L << 32);
        set.kicked(12);
        assertEquals(Set.of(a.port), active());
    }

    @Test
    void pollsAllAfterADisturbance() {
        attach(a);
        attach(b);
        set.silenceAll();
        set.activateAll();
        assertEquals(Set.of(a.port, b.port), active());
        assertFalse(a.kickIsWanted());
        set.activateAll();
        assertEquals(Set.of(a.port, b.port), active());
    }

    @Test
    void keepsAccountOfManyPorts() throws Exception {
        List<Guest> guests = new ArrayList<>(List.of(a, b));
        while (guests.size() < 40) {
            guests.add(plane.guest());
        }
        Random random = new Random(5);
        Set<NetPort> attached = new HashSet<>();
        Set<NetPort> expected = new HashSet<>();
        int[] tokens = new int[guests.size()];
        for (int i = 0; i < 20_000; i++) {
            int number = random.nextInt(guests.size());
            NetPort port = guests.get(number).port;
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    tokens[number] = attach(guests.get(number));
                    attached.add(port);
                    expected.add(port);
                }
                case 2 -> {
                    set.detach(port);
                    attached.remove(port);
                    expected.remove(port);
                }
                case 3 -> {
                    set.silenceIdle();
                    set.silenceIdle();
                    expected.clear();
                }
                default -> {
                    if (attached.contains(port)) {
                        set.kicked(tokens[number]);
                        expected.add(port);
                    }
                }
            }
            assertEquals(expected, active());
            assertEquals(attached, new HashSet<>(set.attached()));
        }
    }
}
