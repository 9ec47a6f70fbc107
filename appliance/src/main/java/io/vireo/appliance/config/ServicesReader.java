package io.vireo.appliance.config;

import io.vireo.router.config.VhostConfig;
import io.vireo.services.migtd.MigTdConfig;
import io.vireo.services.migtd.MigTdFraming;
import io.vireo.services.tpm.TpmAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads what guests are served over vsock, and the TPM that one of the services needs. */
final class ServicesReader {
    /** The last before VMADDR_PORT_ANY (vsock(7)). */
    private static final int LAST_PORT = -2;

    private final Section top;
    private final Problems problems;
    private final Unique ports;

    ServicesReader(Section top, Problems problems) {
        this.top = top;
        this.problems = problems;
        ports = new Unique(problems);
    }

    GuestServices read() {
        Optional<TpmAddress> tpm = tpm();
        Section services = top.section(Key.SERVICES, Key.OF_SERVICES);
        if (services == null) {
            return new GuestServices(tpm, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
        }
        OptionalInt enclave = port(services.section(Key.ENCLAVE, Key.OF_SERVICE), GuestServices.ENCLAVE_PORT);
        OptionalInt vcomlink = port(services.section(Key.VCOMLINK, Key.OF_SERVICE), GuestServices.VCOMLINK_PORT);
        return new GuestServices(tpm, enclave, vcomlink, migtd(services));
    }

    private Optional<TpmAddress> tpm() {
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
            return Optional.of(TpmAddress.unix(unix.value()));
        }
        return Optional.ofNullable(device).map(its -> TpmAddress.device(its.value()));
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

    private Optional<MigTdConfig> migtd(Section services) {
        Section section = services.section(Key.MIGTD, Key.OF_MIGTD);
        if (section == null) {
            return Optional.empty();
        }
        int before = problems.size();
        OptionalInt port = port(section, GuestServices.MIGTD_PORT);
        section.requireOneOf(List.of(Key.CONNECT, Key.LISTEN));
        Located<InetSocketAddress> connect =
                problems.parse(section.text(Key.CONNECT), TcpAddress::parse, Key.CONNECT.allowed);
        Located<InetSocketAddress> listen =
                problems.parse(section.text(Key.LISTEN), TcpAddress::parse, Key.LISTEN.allowed);
        MigTdFraming framing = section.oneOf(Key.FRAMING, MigTdFraming.RAW);
        if (problems.size() > before || framing == null) {
            return Optional.empty();
        }
        return Optional.of(new MigTdConfig(
                port.orElseThrow(),
                connect == null ? null : connect.value(),
                listen == null ? null : listen.value(),
                framing));
    }
}
