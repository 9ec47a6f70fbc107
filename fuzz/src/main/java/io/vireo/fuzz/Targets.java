package io.vireo.fuzz;

import io.vireo.protocols.arp.ArpTarget;
import io.vireo.protocols.checksum.ChecksumTarget;
import io.vireo.protocols.dhcp.DhcpTarget;
import io.vireo.protocols.dhcpv6.Dhcpv6Target;
import io.vireo.protocols.icmp.EchoTarget;
import io.vireo.protocols.icmp.IcmpErrorTarget;
import io.vireo.protocols.ipv4.Ipv4Target;
import io.vireo.protocols.ipv6.Ipv6Target;
import io.vireo.protocols.ndp.NdpTarget;
import io.vireo.protocols.segmentation.TransportTarget;
import io.vireo.services.enclave.VsokTarget;
import io.vireo.services.migtd.MigTdTarget;
import io.vireo.services.tpm.TpmTarget;
import io.vireo.services.vcomlink.VcomLinkTarget;
import io.vireo.virtqueue.device.PackedRingTarget;
import io.vireo.virtqueue.device.SplitRingTarget;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** All targets, by the names that {@code ./vireo fuzz} knows them by. */
final class Targets {
    static final SequencedMap<String, Supplier<FuzzTarget>> ALL = all();

    private Targets() {}

    private static SequencedMap<String, Supplier<FuzzTarget>> all() {
        SequencedMap<String, Supplier<FuzzTarget>> all = new LinkedHashMap<>();
        all.put("checksum", ChecksumTarget::new);
        all.put("arp", ArpTarget::new);
        all.put("ipv4", Ipv4Target::new);
        all.put("ipv6", Ipv6Target::new);
        all.put("transport", TransportTarget::new);
        all.put("echo", EchoTarget::new);
        all.put("icmp-error", IcmpErrorTarget::new);
        all.put("ndp", NdpTarget::new);
        all.put("dhcp", DhcpTarget::new);
        all.put("dhcpv6", Dhcpv6Target::new);
        all.put("split-ring", SplitRingTarget::new);
        all.put("packed-ring", PackedRingTarget::new);
        all.put("vsok", VsokTarget::new);
        all.put("vcomlink", VcomLinkTarget::new);
        all.put("migtd", MigTdTarget::new);
        all.put("tpm", TpmTarget::new);
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
