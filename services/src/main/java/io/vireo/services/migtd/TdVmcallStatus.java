package io.vireo.services.migtd;

/** How a TDVMCALL ended: the completion status codes of TDG.VP.VMCALL's sub-functions (GHCI 1.5). */
public enum TdVmcallStatus {
    SUCCESS(0),
    /** Nothing has happened; the same call may be made again. */
    RETRY(1),
    INVALID_OPERAND(0x8000_0000_0000_0000L),
    GPA_IN_USE(0x8000_0000_0000_0001L),
    ALIGN_ERROR(0x8000_0000_0000_0002L),
    /** Anything else, which no code of the interface tells. */
    OTHER(-1);

    private final long code;

    TdVmcallStatus(long code) {
        this.code = code;
    }

    public long code() {
        return code;
    }

    /** The status with this code, {@link #OTHER} for one that has no name. */
    public static TdVmcallStatus of(long code) {
        for (TdVmcallStatus status : values()) {
            if (status.code == code) {
                return status;
            }
        }
        return OTHER;
    }
}
