package io.vireo.benchmarks;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vhostuser.backend.VhostUserServer;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.device.VsockDevice;
import io.vireo.vsock.endpoint.Connection;
import io.vireo.vsock.guest.VsockSocket;
import io.vireo.vsock.stream.VsockStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Bytes between a guest's socket and a service of the host, through the packets and rings of a device in this process. Unlike
 * the other benchmarks it has a thread for each party, as a connection has: the socket's, the driver's, the device's and the
 * service's. An operation is {@code size} bytes; the allocation is that of all threads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class VsockBenchmark {
    private static final int CID = 33;
    private static final int DRAIN = 1;
    private static final int SOURCE = 2;
    private static final int ECHO = 3;

    @Param({"64", "4096", "65536"})
    private int size = 64;

    private byte[] data = new byte[0];
    private Path folder;
    private VsockDevice device;
    private VhostUserServer server;
    private VsockFrontendDevice guest;
    private VsockSocket drain;
    private VsockSocket source;
    private VsockSocket echo;

    @SuppressWarnings("NullAway.Init") // JMH calls setUp before anything else
    public VsockBenchmark() {}

    @Setup(Level.Trial)
    public void setUp() throws IOException {
        data = new byte[size];
        folder = Files.createTempDirectory("vireo-vsock-");
        device = new VsockDevice("vm1", CID, this::requested);
        server = VhostUserServer.bind(folder.resolve("vm1.sock"), device);
        server.start();
        guest = VsockFrontendDevice.attach(folder.resolve("vm1.sock"));
        drain = connect(DRAIN);
        source = connect(SOURCE);
        echo = connect(ECHO);
    }

    private VsockSocket connect(int port) throws IOException {
        VsockSocket socket = guest.socket(VsockType.STREAM);
        socket.connect(VsockAddress.host(port));
        return socket;
    }

    private void requested(Connection incoming) {
        int port = incoming.local().port();
        VsockStream stream = incoming.accept();
        Thread.ofVirtual().start(() -> serve(port, stream));
    }

    private void serve(int port, VsockStream stream) {
        byte[] buffer = new byte[size];
        try (stream) {
            while (true) {
                if (port != SOURCE) {
                    readFully(stream, buffer);
                }
                if (port != DRAIN) {
                    stream.write(buffer, 0, size);
                }
            }
        } catch (IOException e) {
            // the trial is over
        }
    }

    private static void readFully(VsockStream stream, byte[] buffer) throws IOException {
        int at = 0;
        while (at < buffer.length) {
            int length = stream.read(buffer, at, buffer.length - at);
            if (length < 0) {
                throw new IOException("the connection ended");
            }
            at += length;
        }
    }

    private void receive(VsockSocket socket) throws IOException {
        int at = 0;
        while (at < size) {
            at += socket.recv(data, at, size - at);
        }
    }

    @Benchmark
    public void toHost() throws IOException {
        drain.send(data, 0, size);
    }

    @Benchmark
    public void toGuest() throws IOException {
        receive(source);
    }

    @Benchmark
    public void thereAndBack() throws IOException {
        echo.send(data, 0, size);
        receive(echo);
    }

    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        guest.close();
        server.close();
        device.close();
        Files.delete(folder);
    }
}
