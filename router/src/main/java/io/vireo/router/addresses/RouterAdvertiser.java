package io.vireo.router.addresses;

import io.vireo.protocols.ipv6.Ipv6Address;
import io.vireo.protocols.ipv6.Ipv6Prefix;
import io.vireo.protocols.ndp.RouterAdvertisement;
import io.vireo.protocols.ndp.RouterAdvertisementConfig;
import io.vireo.protocols.ndp.RouterSolicitation;
import io.vireo.router.config.Advertising;
import io.vireo.router.config.GuestInformation;
import io.vireo.router.config.Ipv6Addressing;
import io.vireo.router.config.Ipv6Network;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Advertises the router (RFC 4861, 6.2): to who solicits, to a guest when it attaches, and again and again while it is
 * attached, each time to one guest's link-layer address (RFC 6085), as each has a prefix of its own.
 *
 * <p>When the appliance ends, nothing is taken back (6.2.5): a guest keeps its default router over a restart.
 */
final class RouterAdvertiser {
    /** As many follow the first soon, should that be lost (RFC 4861, 10: MAX_INITIAL_RTR_ADVERTISEMENTS). */
    private static final int INITIAL_ADVERTISEMENTS = 3;

    private static final long INITIAL_INTERVAL_NS = TimeUnit.SECONDS.toNanos(16);
    /** The part of an interval that is left to chance, so that advertisements of many guests do not meet. */
    private static final double JITTER = 0.25;

    private static final int HOP_LIMIT = 64;

    /** A guest that is attached; who attaches anew gets another one. */
    private static final class Schedule {
        private final Guest guest;
        private int sent;
        private long nextNs;

        Schedule(Guest guest) {
            this.guest = guest;
        }
    }

    private final Map<Guest, Schedule> attached = new HashMap<>();
    private final PriorityQueue<Schedule> due;
    private final RandomGenerator random;

    /** @param nowNs the monotonic clock's reading, from which all others are less than 292 years away */
    RouterAdvertiser(long nowNs, RandomGenerator random) {
        this.random = random;
        due = new PriorityQueue<>(Comparator.comparingLong(schedule -> schedule.nextNs - nowNs));
    }

    /** Begins to advertise to a guest, at once. */
    void attach(Guest guest, long nowNs) {
        if (guest.ipv6Network().isEmpty()) {
            return;
        }
        detach(guest);
        Schedule schedule = new Schedule(guest);
        attached.put(guest, schedule);
        schedule.nextNs = nowNs;
        due.add(schedule);
    }

    void detach(Guest guest) {
        Schedule schedule = attached.remove(guest);
        if (schedule != null) {
            due.remove(schedule);
        }
    }

    /** Sends what is due. */
    void run(long nowNs) {
        for (Schedule next = due.peek(); next != null && next.nextNs - nowNs <= 0; next = due.peek()) {
            due.remove();
            next.sent++;
            next.nextNs = nowNs + intervalNs(next);
            due.add(next);
            advertise(next.guest, Ipv6Address.ALL_NODES); // last, so that if it fails there is a next time
        }
    }

    private long intervalNs(Schedule schedule) {
        long ns = TimeUnit.SECONDS.toNanos(schedule.guest
                .ipv6Network()
                .map(Ipv6Network::advertising)
                .orElse(Advertising.DEFAULT)
                .intervalSeconds());
        if (schedule.sent < INITIAL_ADVERTISEMENTS) {
            ns = Math.min(ns, INITIAL_INTERVAL_NS);
        }
        return (long) (ns * (1 - JITTER * random.nextDouble()));
    }

    /** When {@link #run} has something to do next; empty: never, as things are. */
    Optional<Long> nextNs() {
        return Optional.ofNullable(due.peek()).map(schedule -> schedule.nextNs);
    }

    /** @param frame a whole Ethernet frame; what is no valid solicitation is ignored */
    void receive(Guest guest, byte[] frame) {
        RouterSolicitation.parse(frame, frame.length)
                .ifPresent(solicitation -> advertise(guest, solicitation.answerTo()));
    }

    private static void advertise(Guest guest, Ipv6Address destination) {
        guest.ipv6Network().ifPresent(network -> {
            RouterAdvertisementConfig config = config(guest, network);
            guest.link().send(RouterAdvertisement.build(config, guest.config().mac(), destination));
        });
    }

    private static RouterAdvertisementConfig config(Guest guest, Ipv6Network network) {
        Advertising advertising = network.advertising();
        boolean autonomous = network.addressing() == Ipv6Addressing.SLAAC;
        Optional<Ipv6Prefix> prefix = autonomous ? guest.own() : Optional.of(network.prefix());
        int lease = guest.network().leaseSeconds();
        GuestInformation told = guest.config().information();
        return new RouterAdvertisementConfig(
                advertising.lifetimeSeconds(),
                !autonomous,
                true,
                prefix,
                autonomous,
                2 * lease,
                lease,
                guest.config().mtu(),
                told.dns6(),
                told.search(),
                Math.max(3 * advertising.intervalSeconds(), advertising.lifetimeSeconds()),
                HOP_LIMIT);
    }
}
