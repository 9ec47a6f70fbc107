package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import io.vireo.harness.demo.VsockCommand;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.stream.VsockException;
import io.vireo.vsock.stream.VsockStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** The sample client and server, as their commands run them. */
@Timeout(60)
class VsockCommandIT {
    private static final Duration SOON = Duration.ofSeconds(10);

    private TestVsock vsock;
    private final StringWriter errors = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        vsock = TestVsock.start();
    }

    @AfterEach
    void stop() throws IOException {
        vsock.close();
        ((Logger) LoggerFactory.getLogger("io.vireo")).setLevel(null); // the command made all of us quiet
    }

    private CommandLine command() {
        return new CommandLine(new VsockCommand()).setErr(new PrintWriter(errors, true));
    }

    @Test
    void clientPrintsWhatComesBack() throws IOException {
        InputStream in = System.in;
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int code;
        try {
            System.setIn(new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(printed, false, StandardCharsets.UTF_8));
            code = command().execute("connect", vsock.socket().toString(), "2:" + TestVsock.ECHO);
        } finally {
            System.setIn(in);
            System.setOut(out);
        }
        assertEquals(0, code, errors::toString);
        assertEquals("hello", printed.toString(StandardCharsets.UTF_8));
    }

    @Test
    void whatIsNoAddressIsSaid() {
        for (String wrong : new String[] {"2", "2:", ":1", "2:x", "-1:5", "2:4294967296", "1:2:3"}) {
            assertEquals(2, command().execute("connect", vsock.socket().toString(), wrong));
        }
        assertTrue(errors.toString().contains("'2:x' is not CID:PORT"), errors::toString);
        assertEquals(2, command().execute());
    }

    @Test
    void serverReturnsWhatItGets() throws Exception {
        StringWriter printed = new StringWriter();
        CommandLine command = command().setOut(new PrintWriter(printed, true));
        Thread server = Thread.ofPlatform()
                .start(() -> command.execute("listen", vsock.socket().toString(), "1234"));
        try (VsockStream stream = connect(1234)) {
            stream.output().write("hello".getBytes(StandardCharsets.UTF_8));
            stream.shutdownOutput();
            assertEquals("hello", new String(stream.input().readAllBytes(), StandardCharsets.UTF_8));
        }
        server.interrupt();
        server.join();
        assertTrue(printed.toString().startsWith("listening at 33:1234\n2:"), printed::toString);
    }

    /** As soon as the server is there. */
    private VsockStream connect(int port) throws IOException {
        while (true) {
            try {
                return vsock.device().connect(port, VsockType.STREAM, SOON);
            } catch (VsockException e) {
                Thread.onSpinWait();
            }
        }
    }
}
