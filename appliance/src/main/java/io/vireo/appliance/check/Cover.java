package io.vireo.appliance.check;

/** Whether something holds for all of a prefix's packets, in ascending order. */
enum Cover {
    NO,
    /** For some, or it cannot be told. */
    MAYBE,
    YES;

    Cover and(Cover other) {
        return compareTo(other) < 0 ? this : other;
    }

    Cover or(Cover other) {
        return compareTo(other) > 0 ? this : other;
    }

    Cover not() {
        return switch (this) {
            case NO -> YES;
            case MAYBE -> MAYBE;
            case YES -> NO;
        };
    }
}
