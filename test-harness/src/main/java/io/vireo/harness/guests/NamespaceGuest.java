package io.vireo.harness.guests;

import io.vireo.harness.device.TapPump;
import io.vireo.harness.device.VhostUserFrontendDevice;
import io.vireo.harness.packets.Mac;
import io.vireo.linux.Tap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A guest whose kernel is the host's own, and whose programs are the host's: namespaces (namespaces(7)) of network, mounts
 * and processes, with a tap as {@code eth0} whose frames a {@link TapPump} carries to and from a vhost-user socket. Any
 * program of the host can be tried as a guest's, at once and without a kernel to boot.
 *
 * <p>Its {@code eth0} is down at first, with the address that the device says is its own. {@code /etc}, {@code /run} and the
 * places where DHCP clients keep their leases are its own and empty or a copy; all else is the host's: it is no sandbox. Its
 * processes, daemons too, are killed when it closes or this JVM ends, however it ends; no name is given to anything.
 *
 * <p>Any thread may call; commands run one at a time. It takes root.
 */
public final class NamespaceGuest implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String CARD = "eth0";

    private final Guest guest;
    private @Nullable TapPump card;

    private NamespaceGuest(Guest guest) {
        this.guest = guest;
    }

    /** A guest that nobody watches. */
    public static NamespaceGuest boot(String name, Path socket) throws IOException {
        return boot(name, socket, (direction, packet) -> true);
    }

    /**
     * Starts the guest and connects its card to a socket.
     *
     * @param witness sees each of its frames, and lets it pass or not
     * @throws GuestException if something is not installed, or it is not allowed
     */
    public static NamespaceGuest boot(String name, Path socket, TapPump.Witness witness) throws IOException {
        NamespaceGuest guest = withoutCard(name);
        try {
            guest.connect(socket, witness);
            return guest;
        } catch (Throwable e) {
            guest.close();
            throw e;
        }
    }

    /** Starts a guest that has nothing but {@code lo}, until {@link #plug}. */
    public static NamespaceGuest withoutCard(String name) throws IOException {
        return new NamespaceGuest(start(name));
    }

    private void connect(Path socket, TapPump.Witness witness) throws IOException {
        VhostUserFrontendDevice device = VhostUserFrontendDevice.connect(socket);
        try {
            device.setup();
            Tap tap = plug(Mac.of(device.mac()), device.mtu());
            try {
                card = TapPump.start(device, tap, witness);
            } catch (Throwable e) {
                tap.close();
                throw e;
            }
        } catch (Throwable e) {
            device.close();
            throw e;
        }
    }

    private static Guest start(String name) throws IOException {
        Path folder = Files.createTempDirectory("vireo-namespace-");
        try {
            for (String file : List.of("namespace", "agent", "udhcpc.script")) {
                GuestRoot.copyResource(file, folder.resolve(file));
            }
            Host.program("ip", "iproute2");
            List<String> command = List.of(
                    Host.program("unshare", "util-linux").toString(),
                    "--net",
                    "--mount",
                    "--uts",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "--mount-proc",
                    "sh",
                    folder.resolve("namespace").toString(),
                    folder.toString(),
                    name);
            return Guest.start(name, command, Map.of(), folder, SOON);
        } catch (Throwable e) {
            Guest.deleteTree(folder);
            throw e;
        }
    }

    /**
     * Gives it a card, {@code eth0}: a tap that is made here, and moved, so that its descriptor stays here.
     *
     * @return the tap, for the caller to close, which takes the card away, before the guest
     */
    public Tap plug(Mac mac, int mtu) throws IOException {
        Tap tap = Tap.create("vireo%d");
        try {
            String ip = Host.program("ip", "iproute2").toString();
            Host.Output moved =
                    Host.run(List.of(ip, "link", "set", "dev", tap.name(), "netns", Long.toString(process())));
            if (moved.status() != 0) {
                throw new GuestException(tap.name() + " cannot be moved to a namespace: " + moved.text());
            }
            run("ip link set dev %s name %s address %s mtu %d".formatted(tap.name(), CARD, mac, mtu), SOON);
            return tap;
        } catch (Throwable e) {
            tap.close();
            throw e;
        }
    }

    /** A process of the host's that is in the guest's network namespace, for as long as the guest is there. */
    public long process() {
        return guest.processGroup();
    }

    /** As {@link Guest#exec}. */
    public GuestResult exec(String command, Duration timeout) throws GuestException {
        return guest.exec(command, timeout);
    }

    /** As {@link Guest#run}. */
    public String run(String command, Duration timeout) throws GuestException {
        return guest.run(command, timeout);
    }

    /** Takes its card away, which would otherwise fail with its namespace, and kills all of its processes. */
    @Override
    public void close() {
        try (Guest last = guest) {
            if (card != null) {
                card.close();
            }
        }
    }
}
