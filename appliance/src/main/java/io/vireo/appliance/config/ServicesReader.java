package io.vireo.appliance.config;

import io.vireo.appliance.config.GuestServices.DeviceTpm;
import io.vireo.appliance.config.GuestServices.Framing;
import io.vireo.appliance.config.GuestServices.MigTd;
import io.vireo.appliance.config.GuestServices.Tpm;
import io.vireo.appliance.config.GuestServices.UnixTpm;
import io.vireo.router.config.VhostConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads what guests are served over vsock, and the TPM that one of the services needs. */
final class ServicesReader {
    /** The last before VMADDR_PORT_ANY (vsock(7)). */
    private static final int LAST_PORT = -2;

    private final Section top;
    private final Set<String> guests;
    private final Problems problems;
    private final Unique ports;

    /** @param guests names of all that have vsock */
    ServicesReader(Section top, Set<String> guests, Problems problems) {
        this.top = top;
        this.guests = guests;
        this.problems = problems;
        ports = new Unique(problems);
    }

    GuestServices read() {
        Optional<Tpm> tpm = tpm();
        Section services = top.section(Key.SERVICES, Key.OF_SERVICES);
        if (services == null) {
            return new GuestServices(tpm, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
        }
        OptionalInt enclave = port(services.section(Key.ENCLAVE, Key.OF_SERVICE), GuestServices.ENCLAVE_PORT);
        OptionalInt vcomlink = port(services.section(Key.VCOMLINK, Key.OF_SERVICE), GuestServices.VCOMLINK_PORT);
        return new GuestServices(tpm, enclave, vcomlink, migtd(services));
    }

    private Optional<Tpm> tpm() {
        Section section = top.section(Key.TPM, Key.OF_TPM);
        if (section == null) {
            return Optional.empty();
        }
        section.requireOneOf(Key.OF_TPM);
        Located<Path> unix = problems.parse(
                section.text(Key.TPM_UNIX),
                text -> VhostConfig.requireUsable(ConfigFile.absolutePath(text)),
                Key.TPM_UNIX.allowed);
        Located<Path> device =
                problems.parse(section.text(Key.TPM_DEVICE), ConfigFile::absolutePath, Key.TPM_DEVICE.allowed);
        if (unix != null) {
            return Optional.of(new UnixTpm(unix.value()));
        }
        return Optional.ofNullable(device).map(its -> new DeviceTpm(its.value()));
    }

    /** Empty where there is no such service, or its port is wrong. */
    private OptionalInt port(@Nullable Section service, int otherwise) {
        if (service == null) {
            return OptionalInt.empty();
        }
        Located<Integer> port = service.unsigned(Key.PORT, 1, LAST_PORT);
        if (port == null && service.has(Key.PORT)) {
            return OptionalInt.empty();
        }
        Located<Integer> its = port == null ? service.at(otherwise) : port;
        ports.isFirst("port", its, Integer.toUnsignedString(its.value()));
        return OptionalInt.of(its.value());
    }

    private Optional<MigTd> migtd(Section services) {
        Section section = services.section(Key.MIGTD, Key.OF_MIGTD);
        if (section == null) {
            return Optional.empty();
        }
        int before = problems.size();
        OptionalInt port = port(section, GuestServices.MIGTD_PORT);
        section.requireAnyOf(List.of(Key.CONNECT, Key.LISTEN));
        Located<InetSocketAddress> connect =
                problems.parse(section.text(Key.CONNECT), TcpAddress::parse, Key.CONNECT.allowed);
        Located<InetSocketAddress> listen =
                problems.parse(section.text(Key.LISTEN), TcpAddress::parse, Key.LISTEN.allowed);
        Framing framing = section.oneOf(Key.FRAMING, Framing.NATIVE);
        if (section.has(Key.LISTEN) && guests.size() > 1) {
            section.require(Key.MIGTD_GUEST);
        }
        Located<String> guest = problems.parse(section.text(Key.MIGTD_GUEST), this::guest, Key.MIGTD_GUEST.allowed);
        if (problems.size() > before || framing == null) {
            return Optional.empty();
        }
        return Optional.of(new MigTd(
                port.orElseThrow(),
                Optional.ofNullable(connect).map(Located::value),
                Optional.ofNullable(listen).map(Located::value),
                framing,
                Optional.ofNullable(guest).map(Located::value)));
    }

    private String guest(String name) {
        if (!guests.contains(name)) {
            throw new IllegalArgumentException("there is no guest " + name + " that has vsock");
        }
        return name;
    }
}
