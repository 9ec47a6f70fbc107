package io.vireo.router.reactor;

import java.util.function.LongSupplier;

/**
 * Keeps account of a reactor's time. The clock is read in turns of the loop that found nothing to do, so a saturated
 * reactor never reads it. Confined to the reactor's thread.
 */
final class TimeSheet {
    private final LongSupplier clockNs;
    /** The time up to here is in one of the sums. */
    private long accountedNs;

    private boolean idle;
    private long idleSinceNs;
    private long busyNs;
    private long idleNs;
    private long asleepNs;
    private long busyPolls;
    private long emptyPolls;
    private long sleeps;

    TimeSheet(LongSupplier clockNs) {
        this.clockNs = clockNs;
        accountedNs = clockNs.getAsLong();
    }

    /** Notes a turn that found work. */
    void busy() {
        busyPolls++;
        idle = false;
    }

    /** Notes a turn that found none. @return nanoseconds since the first of such turns in a row */
    long empty() {
        emptyPolls++;
        long passed = passed();
        if (idle) {
            idleNs += passed;
        } else {
            busyNs += passed;
            idle = true;
            idleSinceNs = accountedNs;
        }
        return accountedNs - idleSinceNs;
    }

    /** Has the nanoseconds that {@link #empty} tells begin anew. */
    void stayAwake() {
        idleSinceNs = accountedNs;
    }

    /** Notes that the thread is about to wait in the kernel; follows {@link #empty}. */
    void fallAsleep() {
        idleNs += passed();
        sleeps++;
    }

    void wake() {
        asleepNs += passed();
        idle = false; // whatever woke the thread takes part of a turn
    }

    private long passed() {
        long nowNs = clockNs.getAsLong();
        long passed = nowNs - accountedNs;
        accountedNs = nowNs;
        return passed;
    }

    /** For a command, which is work itself. */
    ReactorCounters counters() {
        busyNs += passed();
        return new ReactorCounters(busyNs, idleNs, asleepNs, busyPolls, emptyPolls, sleeps);
    }
}
