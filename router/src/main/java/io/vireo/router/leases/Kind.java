package io.vireo.router.leases;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be leased. A client has at most one of each kind. */
public enum Kind {
    IPV4(0),
    /** A single IPv6 address (IA_NA). */
    IPV6_ADDRESS(1),
    /** The /64 that a guest makes its own addresses in (RFC 8273). */
    IPV6_PREFIX(2),
    /** A prefix for the networks behind a guest (IA_PD). */
    DELEGATED_PREFIX(3);

    /** In the journal. */
    final int code;

    Kind(int code) {
        this.code = code;
    }

    static Optional<Kind> of(int code) {
        return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
    }

    /** As people read it: {@code ipv4}, {@code delegated-prefix}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
