package io.vireo.services.migtd;

import org.jspecify.annotations.Nullable;

/** What a packet is about; the codes are the leaf numbers of TDG.VP.VMCALL&lt;MigTD&gt; (GHCI 1.5). */
public enum MigTdOperation {
    /** A request for the other side's MigTD, the packet's status being its operation. */
    WAIT_FOR_REQUEST(1),
    /** How a request ended, the packet's status telling. */
    REPORT_STATUS(2),
    /** A message of one MigTD for the other. */
    SEND(3),
    /** Never on its way between two MigTDs: to receive is to take what the other side sent. */
    RECEIVE(4);

    private static final MigTdOperation[] ALL = values();

    private final int code;

    MigTdOperation(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    static @Nullable MigTdOperation of(int code) {
        return code >= 1 && code <= ALL.length ? ALL[code - 1] : null;
    }
}
