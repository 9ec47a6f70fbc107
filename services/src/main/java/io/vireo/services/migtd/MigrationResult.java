package io.vireo.services.migtd;

import org.jspecify.annotations.Nullable;

/** How a migration's preparation ended, as MigTD reports it. */
public enum MigrationResult {
    SUCCESS(0),
    INVALID_PARAMETER(1),
    UNSUPPORTED(2),
    OUT_OF_RESOURCE(3),
    TDX_MODULE_ERROR(4),
    NETWORK_ERROR(5),
    SECURE_SESSION_ERROR(6),
    MUTUAL_ATTESTATION_ERROR(7),
    POLICY_UNSATISFIED_ERROR(8),
    INVALID_POLICY_ERROR(9),
    VMM_CANCELED(10),
    VMM_INTERNAL_ERROR(11),
    UNSUPPORTED_OPERATION_ERROR(12);

    private static final MigrationResult[] BY_CODE = values();

    private final int code;

    MigrationResult(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The status of {@link TdxCalls#migtdReportStatus}: zero, or that it failed and why. */
    public long reportStatus() {
        return this == SUCCESS ? 0 : 1 | (long) code << 8;
    }

    /** The result with this code, or null. */
    public static @Nullable MigrationResult of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}
