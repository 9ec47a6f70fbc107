package io.vireo.services.migtd;

import io.vireo.services.GuestStream;
import io.vireo.services.migtd.EmulatedVmm.Report;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The four calls of migration over TCP, or any stream; every other call is the delegate's. Connects with the first message. A
 * failure in the midst ends the connection, and the next call makes a new one: nobody could tell which part of the old one's
 * messages arrived, so none is sent twice.
 *
 * <p>Requests and reports are the {@link EmulatedVmm}'s. Where the framing has words for it ({@link MigTdFraming#PACKET}) the
 * other side hears reports too, and a request that it announced is asked for when the own monitor has none.
 *
 * <p>One thread may send and report while another one receives or waits for requests.
 */
public final class TcpTdxCalls implements TdxCalls, AutoCloseable {
    private static final int FIRST_FREE_VECTOR = 32;

    private final PeerSource peers;
    private final MigTdFraming framing;
    private final Duration operationTimeout;
    private final EmulatedVmm vmm;
    private final TdxCalls delegate;
    private final LongSupplier nanoClock;
    private @Nullable MigTdChannel channel; // guarded by this
    private volatile boolean closed;

    TcpTdxCalls(
            PeerSource peers,
            MigTdFraming framing,
            Duration operationTimeout,
            EmulatedVmm vmm,
            TdxCalls delegate,
            LongSupplier nanoClock) {
        this.peers = peers;
        this.framing = framing;
        this.operationTimeout = operationTimeout;
        this.vmm = vmm;
        this.delegate = delegate;
        this.nanoClock = nanoClock;
    }

    /** Connects over TCP. */
    public static TcpTdxCalls connecting(TcpEmulationConfig config, EmulatedVmm vmm, TdxCalls delegate) {
        PeerSource peers = new TcpConnector(config.remoteAddress(), config.connectionTimeout(), config.maxRetries());
        return new TcpTdxCalls(peers, config.framing(), config.operationTimeout(), vmm, delegate, System::nanoTime);
    }

    /** Waits at the configuration's address for connections over TCP, from now on. */
    public static TcpTdxCalls listening(TcpEmulationConfig config, EmulatedVmm vmm, TdxCalls delegate)
            throws IOException {
        PeerSource peers = new TcpListener(
                config.remoteAddress(), config.operationTimeout(), System::nanoTime, new MigTdCounters());
        return new TcpTdxCalls(peers, config.framing(), config.operationTimeout(), vmm, delegate, System::nanoTime);
    }

    /** Over a connection that there is already, and no other: a guest's vsock, for example. */
    public static TcpTdxCalls over(GuestStream stream, TcpEmulationConfig config, EmulatedVmm vmm, TdxCalls delegate) {
        return new TcpTdxCalls(
                new SinglePeer(stream), config.framing(), config.operationTimeout(), vmm, delegate, System::nanoTime);
    }

    @Override
    public void migtdSend(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException {
        check(buffer, interrupt);
        transmit(MigTdOperation.SEND, migRequestId, 0, buffer);
        buffer.complete(GhciBuffer.DONE, 0);
        vmm.interrupt(interrupt);
    }

    @Override
    public void migtdReceive(long migRequestId, GhciBuffer buffer, int interrupt) throws TdxCallException {
        check(interrupt);
        MigTdChannel current = connected();
        try {
            int length = receive(current, MigTdOperation.SEND, migRequestId, buffer);
            buffer.complete(GhciBuffer.DONE, length);
        } catch (SocketTimeoutException e) {
            throw new TdxCallException(TdVmcallStatus.RETRY, "the other side sends nothing", e);
        } catch (IOException e) {
            throw failed(current, "receive", e);
        }
        vmm.interrupt(interrupt);
    }

    @Override
    public void migtdWaitForRequest(GhciBuffer buffer, int interrupt) throws TdxCallException {
        check(interrupt);
        MigTdRequest request = vmm.nextRequest();
        if (request != null) {
            deliver(request, buffer);
            vmm.taken();
        } else if (framing != MigTdFraming.PACKET || !receiveRequest(buffer)) {
            return;
        }
        vmm.interrupt(interrupt);
    }

    @Override
    public void migtdReportStatus(long migRequestId, long status, GhciBuffer buffer, int interrupt)
            throws TdxCallException {
        check(buffer, interrupt);
        if (framing == MigTdFraming.PACKET) {
            transmit(MigTdOperation.REPORT_STATUS, migRequestId, (int) status, buffer);
        }
        vmm.reported(new Report(migRequestId, status, buffer.payload()));
        buffer.complete(GhciBuffer.DONE, (int) buffer.length());
        vmm.interrupt(interrupt);
    }

    /** Hands the other side a request, which takes it with {@link #migtdWaitForRequest}; with packets alone. */
    public void announce(MigTdRequest request) throws TdxCallException {
        if (framing != MigTdFraming.PACKET) {
            throw new TdxCallException(TdVmcallStatus.INVALID_OPERAND, framing + " framing has no requests");
        }
        GhciBuffer buffer = GhciBuffer.holding(request.payload());
        transmit(MigTdOperation.WAIT_FOR_REQUEST, request.migRequestId(), request.operation(), buffer);
    }

    @Override
    public byte[] tdReport(byte[] reportData) throws TdxCallException {
        return delegate.tdReport(reportData);
    }

    private void transmit(MigTdOperation operation, long migRequestId, int status, GhciBuffer buffer)
            throws TdxCallException {
        MigTdChannel current = connected();
        try {
            current.send(
                    operation, migRequestId, status, buffer.array(), GhciBuffer.HEADER_SIZE, (int) buffer.length());
        } catch (IOException e) {
            throw failed(current, "send", e);
        }
    }

    private static int receive(MigTdChannel channel, MigTdOperation operation, long migRequestId, GhciBuffer buffer)
            throws IOException {
        return channel.receive(operation, migRequestId, buffer.array(), GhciBuffer.HEADER_SIZE, buffer.capacity());
    }

    private void deliver(MigTdRequest request, GhciBuffer buffer) throws TdxCallException {
        byte[] payload = request.payload();
        if (payload.length > buffer.capacity()) {
            throw new TdxCallException(
                    TdVmcallStatus.INVALID_OPERAND, "no room for a request of " + payload.length + " bytes");
        }
        System.arraycopy(payload, 0, buffer.array(), GhciBuffer.HEADER_SIZE, payload.length);
        buffer.complete(request.status(), payload.length);
    }

    /** @return false if none came in time */
    private boolean receiveRequest(GhciBuffer buffer) throws TdxCallException {
        MigTdChannel current = connected();
        try {
            byte[] payload = new byte[GhciBuffer.MAX_PAYLOAD];
            int length = current.receive(MigTdOperation.WAIT_FOR_REQUEST, 0, payload, 0, payload.length);
            deliver(announced(current, payload, length), buffer);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (TdxCallException e) {
            throw e;
        } catch (IOException e) {
            throw failed(current, "wait for a request", e);
        }
    }

    private static MigTdRequest announced(MigTdChannel channel, byte[] payload, int length) throws IOException {
        if (channel.isWithinMessage()) {
            throw new MigTdProtocolException(MigTdProtocolException.Kind.TOO_LONG, "a request that fits no buffer");
        }
        try {
            return new MigTdRequest(channel.lastStatus(), Arrays.copyOf(payload, length));
        } catch (IllegalArgumentException e) {
            throw new MigTdProtocolException(
                    MigTdProtocolException.Kind.WRONG_OPERATION, "no request: " + e.getMessage());
        }
    }

    private static void check(GhciBuffer buffer, int interrupt) throws TdxCallException {
        check(interrupt);
        if (!buffer.payloadFits()) {
            throw new TdxCallException(
                    TdVmcallStatus.INVALID_OPERAND,
                    "a payload of " + buffer.length() + " bytes in a buffer for " + buffer.capacity());
        }
    }

    private static void check(int interrupt) throws TdxCallException {
        if (interrupt != 0 && (interrupt < FIRST_FREE_VECTOR || interrupt > 0xff)) {
            throw new TdxCallException(TdVmcallStatus.INVALID_OPERAND, "interrupt vector " + interrupt);
        }
    }

    private synchronized MigTdChannel connected() throws TdxCallException {
        MigTdChannel current = channel;
        if (current != null) {
            return current;
        }
        MigTdCodec sent = framing.codec();
        MigTdCodec received = framing.codec();
        if (sent == null || received == null) {
            throw new IllegalStateException(framing + " framing has no messages");
        }
        try {
            current = new MigTdChannel(peers.next(), sent, received, operationTimeout, nanoClock);
            if (closed) {
                current.close();
                throw new IOException("the emulation has ended");
            }
        } catch (IOException e) {
            throw new TdxCallException(TdVmcallStatus.OTHER, "not connected: " + e.getMessage(), e);
        }
        channel = current;
        return current;
    }

    private synchronized TdxCallException failed(MigTdChannel used, String doing, IOException cause) {
        if (channel == used) {
            channel = null;
        }
        try {
            used.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return new TdxCallException(TdVmcallStatus.OTHER, "cannot " + doing + ": " + cause.getMessage(), cause);
    }

    /**
     * Ends the connection and, on the side that listens, the listening; a call that waits for either fails. One that connects
     * is waited for.
     */
    @Override
    public void close() throws IOException {
        closed = true;
        peers.close();
        synchronized (this) {
            MigTdChannel current = channel;
            channel = null;
            if (current != null) {
                current.close();
            }
        }
    }
}
