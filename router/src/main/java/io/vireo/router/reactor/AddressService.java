package io.vireo.router.reactor;

import io.vireo.hugepages.HostMemory;
import io.vireo.protocols.dhcp.DhcpBinding;
import io.vireo.protocols.dhcp.DhcpResponder;
import io.vireo.protocols.ethernet.MacAddress;
import io.vireo.router.dataplane.NetPort;
import io.vireo.virtqueue.device.RingFault;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers what reactors punt, DHCP for now, and logs what they notice: ordinary blocking code on a thread of its own. An
 * answer returns through the inbox of the port's reactor.
 */
public final class AddressService {
    private static final Logger LOG = LoggerFactory.getLogger(AddressService.class);

    /** What the service knows of a port. */
    private record Client(DhcpBinding binding, Reactor reactor) {}

    private final PuntQueue queue;
    private final Map<NetPort, Client> clients = new HashMap<>();
    private final DhcpResponder dhcp = new DhcpResponder();
    private final Thread thread = Thread.ofPlatform().name("addresses").daemon().unstarted(this::run);
    private volatile boolean stopping;

    public AddressService(PuntQueue queue) {
        this.queue = queue;
    }

    /** Says what a port's guest is to be given; before {@link #start}. */
    public void add(NetPort port, DhcpBinding binding, Reactor reactor) {
        clients.put(port, new Client(binding, reactor));
    }

    public void start() {
        thread.start();
    }

    /** Ends the thread. Call it when every port is stopped and before the reactors end. */
    public void shutdown() {
        stopping = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            queue.poll(this::serve);
            queue.await();
        }
    }

    private boolean serve(PuntQueue.Punt punt, long sequence, boolean endOfBatch) {
        NetPort port = punt.port;
        if (port == null) {
            return true;
        }
        try {
            switch (punt.kind) {
                case FRAME -> answer(port, punt);
                case SPOOFED_MAC ->
                    LOG.warn(
                            "{}: frames from MAC {} are dropped: the port's is {}",
                            port.name(),
                            new MacAddress(punt.mac),
                            new MacAddress(port.mac()));
                case PORT_BROKEN -> logBroken(port, punt.fault);
            }
        } catch (RuntimeException e) {
            LOG.error("{}: a punted frame was not served", port.name(), e);
        }
        return true;
    }

    private static void logBroken(NetPort port, @Nullable RingFault fault) {
        String why = fault == null ? "unknown" : fault.description();
        LOG.warn("{}: port stopped until its frontend starts it again: {}", port.name(), why);
    }

    private void answer(NetPort port, PuntQueue.Punt punt) {
        Client client = clients.get(port);
        if (client == null) {
            throw new IllegalStateException("no such client");
        }
        byte[] frame = new byte[punt.frameLength];
        MemorySegment.copy(HostMemory.ALL, ValueLayout.JAVA_BYTE, punt.frameAddress, frame, 0, frame.length);
        byte[] reply = reply(port, client.binding(), frame);
        client.reactor().post(() -> {
            port.puntDone();
            if (reply != null) {
                client.reactor().send(port, reply);
            }
        });
    }

    private byte @Nullable [] reply(NetPort port, DhcpBinding binding, byte[] frame) {
        try {
            return switch (dhcp.respond(frame, frame.length, binding)) {
                case DhcpResponder.Outcome.Answer answer -> answer.frame();
                case DhcpResponder.Outcome.Released _ -> null; // the address is fixed: the guest's, used or not
                case DhcpResponder.Outcome.Declined declined -> {
                    LOG.debug("{}: the guest found its address {} in use", port.name(), declined.address());
                    yield null;
                }
                case DhcpResponder.Outcome.Ignored ignored -> {
                    LOG.debug("{}: DHCP message ignored: {}", port.name(), ignored.reason());
                    yield null;
                }
            };
        } catch (RuntimeException e) {
            LOG.error("{}: DHCP failed", port.name(), e);
            return null;
        }
    }
}
