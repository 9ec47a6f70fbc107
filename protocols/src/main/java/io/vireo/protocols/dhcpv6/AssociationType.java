package io.vireo.protocols.dhcpv6;

import java.util.Arrays;
import java.util.Optional;

/** What an identity association holds (RFC 8415 section 4.2). */
enum AssociationType {
    IA_NA(Dhcpv6OptionCode.IA_NA, Dhcpv6OptionCode.IA_ADDRESS, Dhcpv6Status.NO_ADDRS_AVAIL),
    IA_TA(Dhcpv6OptionCode.IA_TA, Dhcpv6OptionCode.IA_ADDRESS, Dhcpv6Status.NO_ADDRS_AVAIL),
    IA_PD(Dhcpv6OptionCode.IA_PD, Dhcpv6OptionCode.IA_PREFIX, Dhcpv6Status.NO_PREFIX_AVAIL);

    private final int code;
    private final int leaseCode;
    private final Dhcpv6Status noneAvailable;

    AssociationType(int code, int leaseCode, Dhcpv6Status noneAvailable) {
        this.code = code;
        this.leaseCode = leaseCode;
        this.noneAvailable = noneAvailable;
    }

    int code() {
        return code;
    }

    /** The option inside that names an address or a prefix. */
    int leaseCode() {
        return leaseCode;
    }

    Dhcpv6Status noneAvailable() {
        return noneAvailable;
    }

    /** The times T1 and T2 follow the IAID; temporary addresses have none (section 21.5). */
    boolean hasTimes() {
        return this != IA_TA;
    }

    static Optional<AssociationType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }
}
