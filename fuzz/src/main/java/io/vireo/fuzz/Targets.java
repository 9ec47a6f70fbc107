package io.vireo.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.vireo.appliance.config.ConfigTarget;
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
import io.vireo.router.addresses.AddressesTarget;
import io.vireo.router.control.ControlTarget;
import io.vireo.router.dataplane.ForwarderTarget;
import io.vireo.router.leases.JournalTarget;
import io.vireo.services.enclave.VsokTarget;
import io.vireo.services.migtd.MigTdTarget;
import io.vireo.services.tpm.TpmTarget;
import io.vireo.services.vcomlink.VcomLinkTarget;
import io.vireo.vhostuser.backend.SessionTarget;
import io.vireo.virtqueue.device.PackedRingTarget;
import io.vireo.virtqueue.device.SplitRingTarget;
import io.vireo.vsock.endpoint.VsockTarget;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** All targets, by the names that {@code ./vireo fuzz} knows them by. */
final class Targets {
    static final SequencedMap<String, Supplier<FuzzTarget>> ALL = all();

    static {
        if (LoggerFactory.getLogger("io.vireo") instanceof Logger own) {
            own.setLevel(Level.OFF); // millions of bad inputs are as many lines
        }
    }

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
        all.put("config", ConfigTarget::new);
        all.put("journal", JournalTarget::new);
        all.put("control-queue", ControlTarget::new);
        all.put("addresses", AddressesTarget::new);
        all.put("session", SessionTarget::new);
        all.put("vsock", VsockTarget::new);
        all.put("forwarder", ForwarderTarget::new);
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
