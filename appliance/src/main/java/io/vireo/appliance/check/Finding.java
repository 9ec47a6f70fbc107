package io.vireo.appliance.check;

/**
 * One thing that was looked at.
 *
 * @param cure the command to give, as root unless it says otherwise; empty where there is none, or nothing to cure
 */
public record Finding(State state, String what, String cure) {
    /** What it comes to. */
    public enum State {
        OK,
        /** It could not be found out. */
        UNKNOWN,
        LACKS
    }

    static Finding ok(String what) {
        return new Finding(State.OK, what, "");
    }

    static Finding unknown(String what) {
        return new Finding(State.UNKNOWN, what, "");
    }

    static Finding unknown(String what, String cure) {
        return new Finding(State.UNKNOWN, what, cure);
    }

    static Finding lacks(String what, String cure) {
        return new Finding(State.LACKS, what, cure);
    }
}
