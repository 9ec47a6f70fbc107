package io.vireo.services.migtd;

import java.io.IOException;

/** A call to the TDX module or the host that failed, and as what. */
public final class TdxCallException extends IOException {
    private static final long serialVersionUID = 1L;

    private final TdVmcallStatus status;

    public TdxCallException(TdVmcallStatus status, String message) {
        super(message);
        this.status = status;
    }

    public TdxCallException(TdVmcallStatus status, String message, IOException cause) {
        super(message, cause);
        this.status = status;
    }

    public TdVmcallStatus status() {
        return status;
    }
}
