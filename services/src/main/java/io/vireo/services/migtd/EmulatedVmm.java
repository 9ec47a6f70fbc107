package io.vireo.services.migtd;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What an emulated MigTD takes for its host's monitor: hands it requests, and hears how they ended. For any thread. Requests
 * and reports wait in queues of {@value #CAPACITY}; of more reports the oldest are forgotten.
 */
public final class EmulatedVmm {
    private static final int CAPACITY = 64;

    private final ArrayBlockingQueue<MigTdRequest> requests = new ArrayBlockingQueue<>(CAPACITY);
    private final ArrayBlockingQueue<Report> reports = new ArrayBlockingQueue<>(CAPACITY);
    private final IntConsumer interrupts;

    /**
     * How a request ended.
     *
     * @param status as {@link TdxCalls#migtdReportStatus} has it
     */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way, compared by nobody
    public record Report(long migRequestId, long status, byte[] payload) {}

    /** @param interrupts called with the vector of each call that ended, by its thread */
    public EmulatedVmm(IntConsumer interrupts) {
        this.interrupts = interrupts;
    }

    /** One that nobody interrupts. */
    public EmulatedVmm() {
        this(vector -> {});
    }

    /** Asks for this next. @return false if too many requests wait */
    public boolean request(MigTdRequest request) {
        return requests.offer(request);
    }

    /** The oldest report that nobody has taken, or null. */
    public @Nullable Report takeReport() {
        return reports.poll();
    }

    /** The oldest request, or null; stays the oldest until it is {@link #taken}, by the one thread that asks. */
    @Nullable
    MigTdRequest nextRequest() {
        return requests.peek();
    }

    void taken() {
        requests.remove();
    }

    void reported(Report report) {
        while (!reports.offer(report)) {
            reports.poll();
        }
    }

    void interrupt(int vector) {
        if (vector != 0) {
            interrupts.accept(vector);
        }
    }
}
