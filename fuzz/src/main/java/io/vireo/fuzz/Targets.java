package io.vireo.fuzz;

import io.vireo.protocols.arp.ArpTarget;
import io.vireo.protocols.ipv4.Ipv4Target;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** All targets, by the names that {@code ./vireo fuzz} knows them by. */
final class Targets {
    static final SequencedMap<String, Supplier<FuzzTarget>> ALL = all();

    private Targets() {}

    private static SequencedMap<String, Supplier<FuzzTarget>> all() {
        SequencedMap<String, Supplier<FuzzTarget>> all = new LinkedHashMap<>();
        all.put("arp", ArpTarget::new);
        all.put("ipv4", Ipv4Target::new);
        return all;
    }

    /** @throws IllegalArgumentException if there is none of that name */
    static FuzzTarget make(String name) {
        Supplier<FuzzTarget> maker = ALL.get(name);
        if (maker == null) {
            throw new IllegalArgumentException(
                    "no target is called '" + name + "'; there are " + String.join(", ", ALL.keySet()));
        }
        return maker.get();
    }
}
