package io.vireo.harness.demo;

import io.vireo.harness.device.VsockFrontendDevice;
import io.vireo.vsock.VsockAddress;
import io.vireo.vsock.VsockType;
import io.vireo.vsock.guest.VsockSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/** A client and a server that run in a guest: how a program uses {@link VsockSocket}. */
final class VsockSample {
    private static final int BACKLOG = 16;

    private VsockSample() {}

    /** Plays the guest of a device's socket: sends all of {@code in}, and writes to {@code out} what comes back until the end. */
    static void connect(Path device, VsockAddress remote, InputStream in, OutputStream out) throws IOException {
        try (VsockFrontendDevice guest = VsockFrontendDevice.attach(device);
                VsockSocket socket = new VsockSocket(guest.driver(), VsockType.STREAM)) {
            socket.connect(remote);
            FutureTask<Long> sending = new FutureTask<>(() -> {
                long sent = in.transferTo(socket.output());
                socket.shutdown(VsockSocket.How.SEND);
                return sent;
            });
            Thread.ofPlatform().daemon().start(sending); // who reads a terminal cannot be interrupted
            socket.input().transferTo(out);
            out.flush();
            if (sending.isDone()) {
                check(sending);
            }
        }
    }

    private static void check(FutureTask<Long> sending) throws IOException {
        try {
            sending.get();
        } catch (ExecutionException e) {
            throw new IOException("not all was sent", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Plays the guest of a device's socket: returns to all who connect to a port what they send, until the process ends. */
    static void listen(Path device, int port, Consumer<String> say) throws IOException {
        try (VsockFrontendDevice guest = VsockFrontendDevice.attach(device);
                VsockSocket listener = new VsockSocket(guest.driver(), VsockType.STREAM)) {
            listener.bind(new VsockAddress(VsockSocket.ANY_CID, port));
            listener.listen(BACKLOG);
            say.accept("listening at " + listener.local());
            while (true) {
                VsockSocket accepted = listener.accept();
                say.accept(accepted.remote() + " connected");
                Thread.startVirtualThread(() -> echo(accepted, say));
            }
        }
    }

    private static void echo(VsockSocket socket, Consumer<String> say) {
        try (socket) {
            long bytes = socket.input().transferTo(socket.output());
            say.accept(socket.remote() + " sent " + bytes + " bytes");
        } catch (IOException e) {
            say.accept(e.getMessage());
        }
    }
}
