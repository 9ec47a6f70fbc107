package io.vireo.appliance.services;

import io.vireo.appliance.config.GuestServices;
import io.vireo.services.GuestService;
import io.vireo.services.enclave.EnclaveHandler;
import io.vireo.services.enclave.EnclaveService;
import io.vireo.services.migtd.MigTdConfig;
import io.vireo.services.migtd.MigTdRelay;
import io.vireo.services.tpm.TpmService;
import io.vireo.services.vcomlink.TpmChannel;
import io.vireo.services.vcomlink.VcomLinkChannel;
import io.vireo.services.vcomlink.VcomLinkService;
import io.vireo.vsock.host.StreamHandler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The services that a configuration asks for, by port. */
public final class ServiceHandlers implements AutoCloseable {
    private final Map<Integer, StreamHandler> byPort = new HashMap<>();
    private final List<GuestService> services = new ArrayList<>();
    private @Nullable TpmService tpm;

    /** Starts what they need. @throws IOException if that cannot be had; nothing is left behind then */
    public static ServiceHandlers open(GuestServices config) throws IOException {
        ServiceHandlers all = new ServiceHandlers();
        try {
            all.add(config);
            return all;
        } catch (IOException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    private ServiceHandlers() {}

    private void add(GuestServices config) throws IOException {
        config.enclave().ifPresent(port -> serve(port, new EnclaveService(EnclaveHandler.ECHO)));
        config.vcomlink().ifPresent(port -> serve(port, new VcomLinkService(List.of(tpmChannel(config)))));
        if (config.migtd().isPresent()) {
            MigTdConfig relay = config.migtd().get();
            serve(relay.port(), MigTdRelay.open(relay));
        }
    }

    private VcomLinkChannel tpmChannel(GuestServices config) {
        if (config.tpm().isEmpty()) {
            return TpmChannel.withoutTpm();
        }
        TpmService service = new TpmService(config.tpm().get());
        tpm = service;
        service.lookAhead();
        return TpmChannel.of(service::endorsementKey);
    }

    private void serve(int port, GuestService service) {
        services.add(service);
        byPort.put(port, stream -> service.serve(new VsockGuestStream(stream)));
    }

    /** What is done with connections to each port of the host. */
    public Map<Integer, StreamHandler> byPort() {
        return byPort;
    }

    /** What each service has counted, by its name. */
    public Map<String, Map<? extends Enum<?>, Long>> counters() {
        Map<String, Map<? extends Enum<?>, Long>> all = new LinkedHashMap<>();
        services.forEach(service -> all.put(service.name(), service.counters()));
        return all;
    }

    @Override
    public void close() {
        services.forEach(GuestService::close);
        if (tpm != null) {
            tpm.close();
        }
    }
}
