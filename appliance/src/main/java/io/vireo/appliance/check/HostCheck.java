package io.vireo.appliance.check;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.Host;
import io.vireo.linux.User;
import io.vireo.router.config.NetworkConfig;
import io.vireo.router.config.UplinkConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks at everything that a configuration needs of its host. */
public final class HostCheck {
    private final ApplianceConfig config;
    private final Host host;
    private final Machine machine;

    public HostCheck(ApplianceConfig config, Host host, Machine machine) {
        this.config = config;
        this.host = host;
        this.machine = machine;
    }

    /** What it is about decides the order, not what it comes to. */
    public List<Finding> find() {
        List<Finding> findings = new ArrayList<>();
        Stream.of(config.runtimeDir(), config.stateDir())
                .distinct()
                .map(this::directory)
                .forEach(findings::add);
        config.user().map(this::user).ifPresent(findings::add);
        findings.addAll(new ResourceCheck(machine, config.router(), config.vsock()).find());
        UserAccess access = new UserAccess(machine, config.user(), host.userId());
        findings.addAll(new FrontendCheck(config, machine, access).find());
        config.services()
                .tpm()
                .map(tpm -> new TpmCheck(machine, tpm, access).find())
                .ifPresent(findings::add);
        config.router().uplink().ifPresent(uplink -> findings.addAll(uplink(uplink)));
        return findings;
    }

    private Finding directory(Path directory) {
        String owner = config.user().map(User::name).orElse(String.valueOf(host.userId()));
        return config.faultOf(directory, host)
                .map(fault -> Finding.lacks(
                        directory + " cannot be used: " + fault, "install -d -m 750 -o " + owner + " " + directory))
                .orElse(Finding.ok(directory + " can be used"));
    }

    private Finding user(User user) {
        return host.userId() == 0
                ? Finding.ok("root can become " + user.name())
                : Finding.lacks("only root can become " + user.name(), "sudo ./vireo run ...");
    }

    private List<Finding> uplink(UplinkConfig uplink) {
        List<NetworkConfig> networks = config.router().networks().stream()
                .filter(network -> network.routing().usesUplink())
                .toList();
        List<Finding> findings = new ArrayList<>(new TunCheck(machine, uplink, host.userId()).find());
        if (!networks.isEmpty()) {
            findings.addAll(new ForwardingCheck(machine, networks).find());
            findings.addAll(new FirewallCheck(machine, uplink, networks).find());
        }
        return findings;
    }
}
