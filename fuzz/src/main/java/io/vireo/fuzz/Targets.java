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

/**
 * All targets, by the names that {@code ./vireo fuzz} knows them by. No references to constructors: these would load, and
 * have instrumented, what the other targets attack.
 */
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
        all.put("checksum", () -> new ChecksumTarget());
        all.put("arp", () -> new ArpTarget());
        all.put("ipv4", () -> new Ipv4Target());
        all.put("ipv6", () -> new Ipv6Target());
        all.put("transport", () -> new TransportTarget());
        all.put("echo", () -> new EchoTarget());
        all.put("icmp-error", () -> new IcmpErrorTarget());
        all.put("ndp", () -> new NdpTarget());
        all.put("dhcp", () -> new DhcpTarget());
        all.put("dhcpv6", () -> new Dhcpv6Target());
        all.put("split-ring", () -> new SplitRingTarget());
        all.put("packed-ring", () -> new PackedRingTarget());
        all.put("vsok", () -> new VsokTarget());
        all.put("vcomlink", () -> new VcomLinkTarget());
        all.put("migtd", () -> new MigTdTarget());
        all.put("tpm", () -> new TpmTarget());
        all.put("config", () -> new ConfigTarget());
        all.put("journal", () -> new JournalTarget());
        all.put("control-queue", () -> new ControlTarget());
        all.put("addresses", () -> new AddressesTarget());
        all.put("session", () -> new SessionTarget());
        all.put("vsock", () -> new VsockTarget());
        all.put("forwarder", () -> new ForwarderTarget());
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
