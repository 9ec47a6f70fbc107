package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.ConfigException;
import io.vireo.appliance.config.Host;
import io.vireo.router.config.VhostConfig;
import io.vireo.vhostuser.backend.VhostUserSocket;
import io.vireo.vsock.host.VsockGuest;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Says how to attach a guest. */
@Command(
        name = "guest-args",
        description = {
            "Prints the VMM's flags that attach a guest, on one line, quoted for a shell.",
            "Memory is part of them, as it has to be shared; change its size as you like.",
            "QEMU without KVM: add ,vectors=0 to the devices, as QEMU 7.2 crashes otherwise.",
            "cloud-hypervisor has a vsock of its own, and attaches to no other.",
            "A guest of mode client is to be started before Vireo or after, and waits for it."
        })
final class GuestArgsCommand implements Callable<Integer> {
    /** The VMMs whose flags are known. */
    enum Vmm {
        QEMU,
        CLOUD_HYPERVISOR,
        UML;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /** Names them as they are written, which an enum's constants cannot be. */
    static final class VmmConverter implements ITypeConverter<Vmm> {
        @Override
        public Vmm convert(String text) {
            for (Vmm vmm : Vmm.values()) {
                if (vmm.toString().equalsIgnoreCase(text)) {
                    return vmm;
                }
            }
            throw new TypeConversionException("'" + text + "' is not one of " + List.of(Vmm.values()));
        }
    }

    @Parameters(index = "0", paramLabel = "NAME", description = "The guest's name in the configuration.")
    private String name = "";

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration, a YAML file.")
    private Path config = Path.of("");

    @Option(
            names = "--vmm",
            defaultValue = "qemu",
            paramLabel = "VMM",
            converter = VmmConverter.class,
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} by default.")
    private Vmm vmm = Vmm.QEMU;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ConfigException {
        ApplianceConfig read = ApplianceConfig.read(config, Host.local());
        List<VhostConfig> guests = read.router().guests();
        VhostConfig guest = guests.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(), "there is no guest " + name + "; the configuration has " + names(guests)));
        Stream<String> vsock = read.vsock().stream()
                .filter(candidate -> candidate.name().equals(name))
                .flatMap(its -> arguments(its).stream());
        String line = Stream.concat(arguments(guest).stream(), vsock)
                .map(GuestArgsCommand::quote)
                .collect(Collectors.joining(" "));
        spec.commandLine().getOut().println(line);
        return 0;
    }

    private static String names(List<VhostConfig> guests) {
        return guests.stream().map(VhostConfig::name).collect(Collectors.joining(", "));
    }

    private List<String> arguments(VhostConfig guest) {
        Path socket = guest.socket().path();
        boolean isServer = guest.socket().isServer();
        return switch (vmm) {
            case QEMU ->
                List.of(
                        "-m",
                        "256M",
                        "-object",
                        "memory-backend-memfd,id=mem,size=256M,share=on",
                        "-machine",
                        "memory-backend=mem",
                        "-chardev",
                        "socket,id=net0,path=" + escaped(socket) + (isServer ? ",reconnect=1" : ",server=on,wait=off"),
                        "-netdev",
                        "vhost-user,id=net0,chardev=net0" + (guest.queues() == 1 ? "" : ",queues=" + guest.queues()),
                        "-device",
                        "virtio-net-pci,netdev=net0,mac=" + guest.mac() + multiqueue(guest));
            case CLOUD_HYPERVISOR ->
                List.of(
                        "--memory",
                        "size=256M,shared=on",
                        "--net",
                        "vhost_user=true,socket=" + without(",[]\"", socket) + ",mac=" + guest.mac() + ",num_queues="
                                + 2 * guest.queues() + (isServer ? "" : ",vhost_mode=server"));
            case UML -> List.of("mem=256M", userModeLinux(guest.socket(), 1));
        };
    }

    private List<String> arguments(VsockGuest guest) {
        VhostUserSocket socket = guest.socket();
        return switch (vmm) {
            case QEMU ->
                List.of(
                        "-chardev", // a listener waits, as the device wants its backend at once
                        "socket,id=vsock0,path=" + escaped(socket.path())
                                + (socket.isServer() ? "" : ",server=on,wait=on"),
                        "-device",
                        "vhost-user-vsock-pci,chardev=vsock0");
            case CLOUD_HYPERVISOR -> List.of();
            case UML -> List.of(userModeLinux(socket, 19));
        };
    }

    /** @param device virtio's identifier of its kind (virtio 1.3, 5) */
    private String userModeLinux(VhostUserSocket socket, int device) {
        if (!socket.isServer()) {
            throw new ParameterException(
                    spec.commandLine(), "user-mode Linux never listens: leave out mode: client of " + socket.path());
        }
        return "virtio_uml.device=" + without(": \t\n\"", socket.path()) + ":" + device;
    }

    /** A comma inside a value of QEMU's is written twice. */
    private static String escaped(Path socket) {
        return socket.toString().replace(",", ",,");
    }

    /** A vector for each queue, one for the control queue and one for changes of the configuration. */
    private static String multiqueue(VhostConfig guest) {
        return guest.queues() == 1 ? "" : ",mq=on,vectors=" + (2 * guest.queues() + 2);
    }

    /** The path, unless a character of it means something to the VMM that cannot be escaped. */
    private String without(String special, Path socket) {
        String path = socket.toString();
        if (path.chars().anyMatch(c -> special.indexOf(c) >= 0)) {
            throw new ParameterException(
                    spec.commandLine(), "no flag of " + vmm + " can name this socket path: " + path);
        }
        return path;
    }

    private static String quote(String argument) {
        return argument.matches("[A-Za-z0-9@%+=:,./_-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
