package io.vireo.vhostuser.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserMessage;
import io.vireo.vhostuser.backend.RecordingDevice.Enabled;
import io.vireo.vhostuser.backend.RecordingDevice.Event;
import io.vireo.vhostuser.backend.RecordingDevice.Reset;
import io.vireo.vhostuser.backend.RecordingDevice.Started;
import io.vireo.vhostuser.backend.RecordingDevice.Stopped;
import io.vireo.vhostuser.frontend.VhostUserFrontend;
import io.vireo.virtqueue.Features;
import io.vireo.virtqueue.device.RingPlace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a frontend that keeps to the protocol gets. The device's events are there as soon as a request is acknowledged. */
@Timeout(20)
class VhostUserSessionTest {
    @TempDir
    private Path folder;

    private SessionFixture f;

    @BeforeEach
    void serve() throws Exception {
        f = new SessionFixture(folder);
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void offersWhatTheDeviceHasAndTheProtocolFeatures() throws Exception {
        try (VhostUserFrontend frontend = f.connect()) {
            assertEquals(RecordingDevice.FEATURES | Features.VHOST_USER_PROTOCOL_FEATURES, frontend.getFeatures());
            assertEquals(
                    1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 12 | 1 << 13 | 1 << 15 | 1 << 16,
                    frontend.getProtocolFeatures());
            assertEquals(RecordingDevice.QUEUES, frontend.getQueueNum());
        }
    }

    @Test
    void readsAnyPieceOfTheConfigurationSpaceAndZerosBehindItsEnd() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            assertArrayEquals(RecordingDevice.CONFIG, frontend.getConfig(0, 8));
            assertArrayEquals(new byte[] {3, 4}, frontend.getConfig(2, 2));
            assertArrayEquals(Arrays.copyOfRange(RecordingDevice.CONFIG, 7, 12), frontend.getConfig(7, 5));
            assertArrayEquals(Arrays.copyOf(RecordingDevice.CONFIG, 256), frontend.getConfig(0, 256));
            assertArrayEquals(new byte[] {}, frontend.getConfig(256, 0));
        }
    }

    @Test
    void startsARingAtItsKickDescriptorAndEnablesItSeparately() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.prepare(frontend, 1, 700);
            frontend.setVringErr(1, f.error.fd());
            assertTrue(f.device.events.isEmpty(), "nothing starts before its kick descriptor");

            frontend.setVringKick(1, f.kick.fd());
            RingSetup setup = f.device.await(Started.class).setup();
            assertEquals(1, setup.queue());
            assertEquals(700, setup.base());
            assertEquals(SessionFixture.FEATURES, setup.features());
            assertFalse(setup.enabled());
            assertDescriptors(setup);

            frontend.setVringEnable(1, true);
            assertEquals(new Enabled(1, true), f.device.await(Event.class));
            frontend.setVringEnable(1, false);
            assertEquals(new Enabled(1, false), f.device.await(Event.class));
            assertTrue(f.device.events.isEmpty());
        }
    }

    private void assertDescriptors(RingSetup setup) throws Exception {
        assertNotNull(setup.kick());
        assertNotNull(setup.call());
        assertNotNull(setup.error());
        assertTrue(SessionFixture.sameFile(setup.kick(), f.kick));
        assertTrue(SessionFixture.sameFile(setup.call().fd(), f.call));
        assertTrue(SessionFixture.sameFile(setup.error().fd(), f.error));
    }

    @Test
    void startsARingEnabledThatWasEnabledBefore() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.setVringEnable(0, true);
            assertTrue(f.start(frontend, 0, 0).enabled());
        }
    }

    @Test
    void startsARingEnabledWithoutTheProtocolFeatures() throws Exception {
        try (VhostUserFrontend frontend = f.connect()) {
            frontend.setOwner();
            frontend.setFeatures(RecordingDevice.FEATURES);
            f.memory.tell(frontend);
            assertTrue(f.start(frontend, 0, 0).enabled());
        }
    }

    @Test
    void startsARingWithoutDescriptorsWhenToldThatThereAreNone() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.prepare(frontend, 0, 0);
            frontend.setVringCall(0, null);
            frontend.setVringKick(0, null);
            RingSetup setup = f.device.await(Started.class).setup();
            assertNull(setup.kick());
            assertNull(setup.call());
            assertNull(setup.error());
        }
    }

    @Test
    void findsTheRingsInTheMemory() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            RingSetup setup = f.start(frontend, 1, 0);
            RingPlace place = setup.place();
            assertEquals(FrontendMemory.RING_SIZE, place.size());
            assertEquals(setup.memory().translateUser(f.memory.descriptors(1), 1), place.descriptors());
            assertEquals(setup.memory().translateUser(f.memory.available(1), 1), place.driver());
            assertEquals(setup.memory().translateUser(f.memory.used(1), 1), place.device());
        }
    }

    @Test
    void handsTheBaseBackWhenARingStopsAndTakesItUpAgain() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 65_530);
            f.device.serve(0, 10);
            assertEquals(4, frontend.getVringBase(0));
            assertEquals(new Stopped(0), f.device.await(Event.class));
            assertEquals(4, frontend.getVringBase(0), "asked again it says the same");
            assertTrue(f.device.events.isEmpty());

            frontend.setVringKick(0, f.kick.fd());
            RingSetup setup = f.device.await(Started.class).setup();
            assertEquals(4, setup.base());
            assertNull(setup.call(), "a stopped ring has forgotten its call descriptor");
        }
    }

    @Test
    void handsBothHalvesOfAPackedRingsBaseOn() throws Exception {
        f.device.offered |= Features.RING_PACKED;
        try (VhostUserFrontend frontend = f.negotiated()) {
            RingSetup setup = f.start(frontend, 0, 0x803f_803f);
            assertEquals(0x803f_803f, setup.base());
            assertEquals(0x803f_803f, frontend.getVringBase(0));
            f.device.await(Stopped.class);
            assertEquals(0x8000, f.start(frontend, 1, 0x8000).base());
        }
    }

    @Test
    void findsThePartsOfAPackedRing() throws Exception {
        f.device.offered |= Features.RING_PACKED;
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.prepare(frontend, 0, 0x8000);
            long last = f.memory.user + FrontendMemory.SIZE - 4; // too small for either ring of a split one
            frontend.setVringAddr(0, f.memory.descriptors(0), last - 4, last);
            frontend.setVringKick(0, f.kick.fd());
            RingSetup setup = f.device.await(Started.class).setup();
            assertEquals(setup.memory().translateUser(last, 4), setup.place().driver());
            assertEquals(
                    setup.memory().translateUser(last - 4, 4), setup.place().device());
        }
    }

    @Test
    void refusesAPackedRingThatStandsBehindItsEnd() throws Exception {
        f.device.offered |= Features.RING_PACKED;
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.prepare(frontend, 0, 0x8000 + FrontendMemory.RING_SIZE);
            assertThrows(IOException.class, () -> frontend.setVringKick(0, f.kick.fd()));
            String end = f.log.awaitEndOfSession();
            assertTrue(end.contains("ring 0 was started at descriptor 64 of 64"), end);
        }
    }

    @Test
    void movesRunningRingsToANewMemoryTable() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated();
                FrontendMemory other = new FrontendMemory(f.memory.user)) {
            f.start(frontend, 0, 10);
            f.device.serve(0, 5);
            other.tell(frontend);

            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(15, after.base());
            assertEquals(
                    after.memory().translateUser(other.used(0), 1),
                    after.place().device());
            assertEquals(1, SessionFixture.mappings(), "the memory before is unmapped");
        }
    }

    @Test
    void movesARunningRingToNewAddresses() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            f.device.serve(0, 3);
            frontend.setVringAddr(0, f.memory.descriptors(1), f.memory.used(1), f.memory.available(1));

            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(3, after.base());
            assertEquals(
                    after.memory().translateUser(f.memory.descriptors(1), 1),
                    after.place().descriptors());
        }
    }

    @Test
    void givesARunningRingANewCallDescriptor() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            frontend.setVringEnable(0, true);
            f.device.await(Enabled.class);
            f.device.serve(0, 3);
            frontend.setVringCall(0, f.error.fd());

            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(3, after.base());
            assertTrue(after.enabled());
            assertNotNull(after.call());
            assertTrue(SessionFixture.sameFile(after.call().fd(), f.error));
        }
    }

    @Test
    void restartsARunningRingAtItsIndexWhenItGetsANewKickDescriptor() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            f.device.serve(0, 3);
            frontend.setVringKick(0, f.error.fd());
            assertEquals(new Stopped(0), f.device.await(Event.class));
            RingSetup after = f.device.await(Started.class).setup();
            assertEquals(3, after.base());
            assertNotNull(after.kick());
            assertTrue(SessionFixture.sameFile(after.kick(), f.error));
        }
    }

    @Test
    void resetsTheDeviceWhenTheDriverWritesStatusZero() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.setStatus(0x0f);
            assertEquals(0x0f, frontend.getStatus());
            f.start(frontend, 1, 0);
            frontend.setStatus(0);
            assertEquals(0, frontend.getStatus());
            assertEquals(new Stopped(1), f.device.await(Event.class));
            assertEquals(new Reset(), f.device.await(Event.class));
            assertEquals(0, f.start(frontend, 1, 0).base(), "after a reset it can be set up again");
        }
    }

    @Test
    void resetsTheDeviceWhenItsOwnerIsReset() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            f.start(frontend, 0, 0);
            frontend.tell(VhostUserMessage.of(Request.RESET_OWNER, new byte[0]));
            assertEquals(new Stopped(0), f.device.await(Event.class));
            assertEquals(new Reset(), f.device.await(Event.class));
        }
    }

    @Test
    void bringsADeviceThatIsResetBackToItsBeginningButForItsMemory() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.setStatus(0x0f);
            frontend.setVringErr(1, f.error.fd());
            f.start(frontend, 1, 0);
            f.device.serve(1, 3);
            frontend.resetDevice();
            assertEquals(new Stopped(1), f.device.await(Event.class));
            assertEquals(new Reset(), f.device.await(Event.class));
            assertEquals(0, frontend.getStatus());

            frontend.setFeatures(SessionFixture.FEATURES);
            RingSetup setup = f.start(frontend, 1, 7);
            assertEquals(7, setup.base());
            assertFalse(setup.enabled());
            assertNotNull(setup.error(), "told once for all of the connection");
        }
    }

    @Test
    void forgetsTheFeaturesOfADeviceThatIsReset() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.resetDevice();
            f.prepare(frontend, 0, 0);
            assertThrows(IOException.class, () -> frontend.setVringKick(0, f.kick.fd()));
            String end = f.log.awaitEndOfSession();
            assertTrue(end.contains("ring 0 was started without VIRTIO_F_VERSION_1"), end);
        }
    }

    @Test
    void acceptsAnMtuUpToThePorts() throws Exception {
        try (VhostUserFrontend frontend = f.negotiated()) {
            frontend.setMtu(RecordingDevice.MTU);
            assertEquals(0, frontend.getStatus(), "the session goes on");
        }
    }

    @Test
    void acknowledgesOnlyWhenThatWasNegotiated() throws Exception {
        try (VhostUserFrontend frontend = f.connect()) {
            frontend.setProtocolFeatures(ProtocolFeatures.CONFIG);
            frontend.tell(
                    VhostUserMessage.of(Request.SET_OWNER, new byte[0]).withFlags(VhostUserMessage.FLAG_NEED_REPLY));
            assertEquals(2, frontend.getQueueNum(), "the next answer is this request's");
        }
    }

    @Test
    void aSecondFrontendWaitsForTheFirstToLeave() throws Exception {
        try (VhostUserFrontend second = waitingSecond()) {
            assertEquals(RecordingDevice.QUEUES, second.getQueueNum());
        }
    }

    private VhostUserFrontend waitingSecond() throws Exception {
        try (VhostUserFrontend first = f.connect()) {
            assertEquals(RecordingDevice.QUEUES, first.getQueueNum());
            VhostUserFrontend second = f.connect();
            assertEquals(RecordingDevice.QUEUES, first.getQueueNum());
            return second;
        }
    }
}
