package io.vireo.services.tpm;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions about the host's TPM, which one thread asks. The TPM need not be there: then each question fails, and a
 * log line says once why.
 */
public final class TpmService implements AutoCloseable {
    /** How long an emulator may take for a command. */
    private static final Duration COMMAND_TIMEOUT = Duration.ofSeconds(10);
    /** How long a question waits: for the one before it, and for its own. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private static final Logger LOG = LoggerFactory.getLogger(TpmService.class);

    private final String where;
    private final TpmTransport.Opener opener;
    private final ExecutorService owner = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("tpm").factory());

    /** The next reading, which has not begun; all who ask until then share it. Guarded by this. */
    private @Nullable CompletableFuture<byte[]> next;

    private boolean closed; // guarded by this
    private String fault = ""; // the owner's: why the last reading failed, or empty

    public TpmService(TpmAddress address) {
        this(address.path().toString(), () -> TpmTransport.open(address, COMMAND_TIMEOUT));
    }

    TpmService(String where, TpmTransport.Opener opener) {
        this.where = where;
        this.opener = opener;
    }

    /**
     * The public area (TPMT_PUBLIC) of the key at {@link EndorsementKey#HANDLE}, as the TPM has it now. Waits; for any
     * thread, and any number of them.
     */
    public byte[] endorsementKey() throws IOException {
        CompletableFuture<byte[]> answer = ask();
        try {
            return answer.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS).clone();
        } catch (ExecutionException e) {
            throw new IOException("the TPM at " + where + ": " + TpmCommands.reason(e), e);
        } catch (TimeoutException e) {
            throw new IOException("the TPM at " + where + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the TPM");
        }
    }

    /**
     * Asks without waiting: a log line then says at the start if there is no TPM, and the first guest does not wait until
     * all that is needed has been loaded, for which half a second, socat's patience, may not suffice.
     */
    public void lookAhead() {
        try {
            CompletableFuture<byte[]> _ = ask();
        } catch (IOException e) {
            LOG.debug("closed already", e);
        }
    }

    private synchronized CompletableFuture<byte[]> ask() throws IOException {
        if (closed) {
            throw new IOException("the TPM is not asked any more");
        }
        CompletableFuture<byte[]> answer = next;
        if (answer == null) {
            answer = new CompletableFuture<>();
            next = answer;
            owner.execute(this::read);
        }
        return answer;
    }

    private synchronized @Nullable CompletableFuture<byte[]> begin() {
        CompletableFuture<byte[]> answer = next;
        next = null;
        return answer;
    }

    private void read() {
        CompletableFuture<byte[]> answer = begin();
        if (answer == null) {
            return; // closed meanwhile
        }
        try {
            byte[] area = readArea();
            noteSuccess();
            answer.complete(area);
        } catch (IOException | RuntimeException e) {
            noteFault(e);
            answer.completeExceptionally(e);
        }
    }

    /** The connection is gone when the answer is there, so that who has it finds the TPM free. */
    private byte[] readArea() throws IOException {
        try (TpmTransport transport = opener.open()) {
            return new TpmCommands(transport).readPublic(EndorsementKey.HANDLE);
        }
    }

    private void noteSuccess() {
        if (!fault.isEmpty()) {
            LOG.info("the TPM at {} answers again", where);
            fault = "";
        }
    }

    private void noteFault(Exception e) {
        String reason = String.valueOf(e.getMessage());
        if (!fault.equals(reason)) {
            LOG.warn("the TPM at {} cannot tell its endorsement key: {}", where, reason);
            fault = reason;
        }
    }

    /** Ends the thread; who waits fails, and so does who asks later. */
    @Override
    public void close() {
        CompletableFuture<byte[]> waiting;
        synchronized (this) {
            closed = true;
            waiting = begin();
        }
        if (waiting != null) {
            waiting.completeExceptionally(new IOException("the TPM is not asked any more"));
        }
        owner.shutdownNow();
    }
}
