package io.vireo.vhostuser.backend;

import static io.vireo.vhostuser.Request.GET_FEATURES;
import static io.vireo.vhostuser.Request.GET_QUEUE_NUM;
import static io.vireo.vhostuser.Request.SET_MEM_TABLE;
import static io.vireo.vhostuser.Request.SET_PROTOCOL_FEATURES;
import static io.vireo.vhostuser.backend.HostileFrontend.header;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.vhostuser.Payload;
import io.vireo.vhostuser.ProtocolFeatures;
import io.vireo.vhostuser.Request;
import io.vireo.vhostuser.VhostUserChannel;
import io.vireo.vhostuser.VhostUserMessage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each violation ends its session with a line that names it, costs nobody else anything, and leaves nothing behind. */
@Timeout(30)
class HostileFrontendTest {
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

    @ParameterizedTest
    @MethodSource("io.vireo.vhostuser.backend.Violation#all")
    void endsTheSessionAndNamesTheViolation(Violation violation) throws Exception {
        try (HostileFrontend hostile = new HostileFrontend(f)) {
            violation.attack().run(hostile, f);
            String line = f.log.awaitEndOfSession();
            assertTrue(line.startsWith("recorder: session "), line);
            assertTrue(line.contains(violation.logged()), line);
        }
        f.device.stoppedBeforeReset();
        f.assertNextFrontendIsServed();
    }

    @ParameterizedTest
    @EnumSource(Request.class)
    void refusesPayloadsOfTheWrongSize(Request request) throws Exception {
        // a memory table may have room to spare: user-mode Linux's has
        int[] sizes = request == SET_MEM_TABLE ? new int[] {1, 7, 265, 4096} : new int[] {1, 7, 9, 41, 4096};
        for (int size : sizes) {
            try (HostileFrontend hostile = new HostileFrontend(f)) {
                hostile.send(request, new byte[size]);
                String line = f.log.awaitEndOfSession();
                String expected = switch (request) {
                    case SET_CONFIG -> "read-only";
                    case SET_LOG_BASE, SET_LOG_FD -> "not offered";
                    default -> " with a payload of " + size + " bytes";
                };
                assertTrue(line.contains("session closed: " + request) && line.contains(expected), line);
            }
        }
        f.assertNextFrontendIsServed();
    }

    @Test
    void leavesNoDescriptorsAndNoMappingsBehind() throws Exception {
        List<Violation> violations = Violation.all().toList();
        sufferAll(violations);
        int descriptors = SessionFixture.openDescriptors();
        sufferAll(violations);
        sufferAll(violations);
        assertTrue(2 * violations.size() >= 100);
        assertEquals(descriptors, SessionFixture.openDescriptors());
        assertEquals(0, SessionFixture.mappings());
    }

    private void sufferAll(List<Violation> violations) throws Exception {
        for (Violation violation : violations) {
            try (HostileFrontend hostile = new HostileFrontend(f)) {
                violation.attack().run(hostile, f);
                f.log.awaitEndOfSession();
            }
        }
    }

    @Test
    void closesDescriptorsOfRequestsThatHaveNone() throws Exception {
        f.assertNextFrontendIsServed();
        int descriptors = SessionFixture.openDescriptors();
        try (HostileFrontend hostile = new HostileFrontend(f)) {
            hostile.send(GET_FEATURES, new byte[0], f.kick.fd(), f.memory.file);
            assertNotNull(hostile.receive());
            hostile.send(GET_FEATURES, new byte[0]); // once this is answered, the one before is over and done with
            assertNotNull(hostile.receive());
            assertEquals(descriptors + 2, SessionFixture.openDescriptors(), "both ends of the connection alone");
        }
        assertEquals("recorder: frontend disconnected", f.log.awaitEndOfSession());
    }

    @Test
    void refusesUnknownRequestsWithAnAnswerWhereOneIsAwaited() throws Exception {
        try (VhostUserChannel channel = f.connectRaw()) {
            channel.send(VhostUserMessage.of(SET_PROTOCOL_FEATURES, Payload.u64(ProtocolFeatures.REPLY_ACK)));
            channel.send(new VhostUserMessage(
                    99, VhostUserMessage.VERSION | VhostUserMessage.FLAG_NEED_REPLY, new byte[5], List.of()));
            VhostUserMessage refusal = channel.receive();
            assertNotNull(refusal);
            assertEquals(99, refusal.request());
            assertEquals(VhostUserMessage.VERSION | VhostUserMessage.FLAG_REPLY, refusal.flags());
            assertEquals(1, Payload.readU64(refusal));

            channel.send(VhostUserMessage.of(GET_QUEUE_NUM, new byte[0]));
            VhostUserMessage answer = channel.receive();
            assertNotNull(answer);
            assertEquals(RecordingDevice.QUEUES, Payload.readU64(answer), "the session goes on");
        }
    }

    @Test
    void closesTheConnectionOfAViolator() throws Exception {
        try (HostileFrontend hostile = new HostileFrontend(f)) {
            hostile.raw(header(99, 1, 0)).assertClosed();
        }
    }
}
