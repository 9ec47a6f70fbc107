package io.vireo.router.host;

import io.vireo.linux.Fd;
import io.vireo.linux.LinuxException;
import io.vireo.linux.Netlink;
import io.vireo.linux.NetlinkEvent;
import io.vireo.linux.NetlinkEvents;
import io.vireo.linux.NetlinkLink;
import io.vireo.router.config.UplinkConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@link UplinkKeeper} does, step by step: the device, its addresses, its routes. Confined to the thread that opens it.
 */
final class HostSide implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UplinkKeeper.class);

    private static final long FIRST_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NS = TimeUnit.SECONDS.toNanos(5);
    /** Between two looks at everything, so that nobody who always undoes it keeps the thread busy. */
    private static final long BETWEEN_LOOKS_NS = TimeUnit.SECONDS.toNanos(1);

    /** Between two changes of what is wanted, of which each costs a look at all of it. */
    private static final long BETWEEN_CHANGES_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final UplinkConfig config;
    private final UplinkKeeper.DeviceMaker maker;
    private final Netlink netlink;
    private final NetlinkEvents events;
    private final int port;
    private final HostRoutes routes;

    /** The device's index, 0 while it is away. */
    private int link;
    /** Whether anything may not be as it should be. */
    private boolean doubtful = true;
    /** Whether other routes may be wanted. */
    private boolean changed;

    private long lookedNs;
    private long madeNs;
    private long changedNs;
    /** After a failure, nothing is tried before this time. */
    private long retryNs;

    private long pauseNs;
    private @Nullable String failure;

    private HostSide(
            UplinkConfig config,
            UplinkKeeper.DeviceMaker maker,
            Supplier<Set<HostRoute>> wanted,
            Netlink netlink,
            NetlinkEvents events)
            throws LinuxException {
        this.config = config;
        this.maker = maker;
        this.netlink = netlink;
        this.events = events;
        port = netlink.port();
        routes = new HostRoutes(RouteTable.of(netlink), config, wanted);
    }

    static HostSide open(UplinkConfig config, UplinkKeeper.DeviceMaker maker, Supplier<Set<HostRoute>> wanted)
            throws LinuxException {
        Netlink netlink = Netlink.open();
        try {
            NetlinkEvents events = NetlinkEvents.open();
            try {
                return new HostSide(config, maker, wanted, netlink, events);
            } catch (LinuxException | RuntimeException e) {
                events.close();
                throw e;
            }
        } catch (LinuxException | RuntimeException e) {
            netlink.close();
            throw e;
        }
    }

    /** Readable when {@link #hear} has something to hear. */
    Fd events() {
        return events.fd();
    }

    /** Makes everything as it should be. @throws IOException if it cannot be made so; no route is left then */
    void begin(long nowNs) throws IOException {
        try {
            step(nowNs);
        } catch (IOException | RuntimeException e) {
            try {
                end();
            } catch (LinuxException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Other routes may be wanted. */
    void changed() {
        changed = true;
    }

    /** Nothing is known for certain any more. */
    void doubt() {
        doubtful = true;
    }

    /** Looks whether the device is still there and of use: for who has found that it is not. */
    void look() throws LinuxException {
        if (link != 0 && netlink.link(link).isEmpty()) {
            lose("it was taken away");
        } else if (link != 0 && !maker.isWhole()) {
            lose("a queue of it has failed");
        }
    }

    /** Takes note of all that the kernel has announced. */
    void hear() throws LinuxException {
        for (List<NetlinkEvent> some = events.next(); !some.isEmpty(); some = events.next()) {
            for (NetlinkEvent event : some) {
                hear(event);
            }
        }
    }

    private void hear(NetlinkEvent event) throws LinuxException {
        switch (event) {
            case NetlinkEvent.LinkGone(NetlinkLink gone) -> {
                if (gone.index() == link) {
                    lose("it was taken away");
                }
            }
            case NetlinkEvent.LinkChanged(NetlinkLink now) ->
                doubtful |= now.index() == link && (!now.up() || now.mtu() != config.mtu());
            case NetlinkEvent.AddressChanged(int changedLink) -> doubtful |= changedLink == link;
            case NetlinkEvent.RouteChanged(var route, int by) -> doubtful |= by != port && routes.concerns(route);
            case NetlinkEvent.Overrun() -> {
                doubtful = true;
                look();
            }
        }
    }

    private void lose(String reason) {
        failure = reason;
        LOG.warn("{}: {}: guests do not reach the host until it is back", config.tun(), reason);
        link = 0;
        retryNs = Math.max(System.nanoTime(), madeNs + BETWEEN_LOOKS_NS);
    }

    /**
     * Does what there is to do; a failure is said once, and it is tried again later.
     *
     * @return nanoseconds until there is something to do again, as far as known; negative: there is nothing
     */
    long turn(long nowNs) throws LinuxException {
        if (failure != null && nowNs - retryNs < 0) {
            return retryNs - nowNs;
        }
        try {
            step(nowNs);
            if (failure != null) {
                LOG.info("{} is in order again", config.tun());
            }
            failure = null;
            pauseNs = 0;
            return untilNext(nowNs);
        } catch (IOException e) {
            if (link != 0) {
                look(); // that it is gone is why, and is not said in two ways
                if (link == 0) {
                    return Math.max(retryNs - nowNs, 0);
                }
            }
            if (!Objects.equals(failure, e.getMessage())) {
                LOG.warn("{}: {}; it will be tried again", config.tun(), e.getMessage());
                failure = Objects.requireNonNullElse(e.getMessage(), e.toString());
            }
            pauseNs = pauseNs == 0 ? FIRST_PAUSE_NS : Math.min(2 * pauseNs, LONGEST_PAUSE_NS);
            retryNs = nowNs + pauseNs;
            doubtful = true;
            lookedNs = retryNs - BETWEEN_LOOKS_NS; // so that it is looked at then
            return pauseNs;
        }
    }

    private long untilNext(long nowNs) {
        long look = doubtful ? lookedNs + BETWEEN_LOOKS_NS - nowNs : Long.MAX_VALUE;
        long change = changed ? changedNs + BETWEEN_CHANGES_NS - nowNs : Long.MAX_VALUE;
        return doubtful || changed ? Math.max(Math.min(look, change), 0) : -1;
    }

    private void step(long nowNs) throws IOException {
        if (link == 0) {
            madeNs = nowNs;
            makeDevice();
            doubtful = true;
            lookedNs = nowNs - BETWEEN_LOOKS_NS;
        }
        if (doubtful && nowNs - lookedNs >= BETWEEN_LOOKS_NS) {
            lookedNs = changedNs = nowNs;
            doubtful = false;
            changed = false;
            setUp();
            routes.reconcile(link);
        } else if (changed && nowNs - changedNs >= BETWEEN_CHANGES_NS) {
            changedNs = nowNs;
            changed = false;
            routes.update(link);
        }
    }

    private void makeDevice() throws IOException {
        maker.make();
        NetlinkLink made = netlink.link(config.tun())
                .orElseThrow(() -> new IOException("there is no interface of that name in this network namespace"));
        netlink.generateNoAddresses(made.index());
        link = made.index();
    }

    private void setUp() throws LinuxException {
        Optional<NetlinkLink> now = netlink.link(link);
        if (now.isEmpty() || !now.get().up() || now.get().mtu() != config.mtu()) {
            netlink.setUp(link, config.mtu());
        }
        if (config.ipv4().isPresent()) {
            addAddress(config.ipv4().get().toBytes());
        }
        if (config.ipv6().isPresent()) {
            addAddress(config.ipv6().get().toBytes());
        }
    }

    private void addAddress(byte[] octets) throws LinuxException {
        InetAddress address = HostRoute.address(octets);
        netlink.addAddress(link, address);
    }

    /** Leaves the kernel without routes. */
    void end() throws LinuxException {
        routes.removeAll(link);
    }

    @Override
    public void close() {
        events.close();
        netlink.close();
    }
}
