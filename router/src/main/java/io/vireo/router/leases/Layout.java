package io.vireo.router.leases;

import io.vireo.protocols.ipv6.Ipv6Address;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The configuration's pools and reservations, by network and kind, of which no two give the same address away. */
final class Layout {
    private record Place(String network, Kind kind) {}

    private final Map<Place, Space> spaces = new HashMap<>();
    private final Map<Claim, Resource> reserved = new HashMap<>();

    /** Throws {@link IllegalArgumentException} if two of them overlap, naming them. */
    Layout(List<Pool> pools, List<Reservation> reservations) {
        for (Pool pool : pools) {
            requireApart(pool, pools, reservations);
            if (spaces.put(new Place(pool.network(), pool.kind()), new Space(pool)) != null) {
                throw new IllegalArgumentException(
                        "%s has two pools of kind %s".formatted(pool.network(), pool.kind()));
            }
        }
        requireApart(reservations);
        for (Reservation reservation : reservations) {
            Resource resource = reservation.resource();
            Claim claim = new Claim(reservation.client(), resource.kind());
            if (reserved.put(claim, resource) != null) {
                throw new IllegalArgumentException(
                        "%s has two fixed resources of kind %s".formatted(claim.client(), claim.kind()));
            }
            space(claim).reserve(resource);
        }
    }

    private static void requireApart(Pool pool, List<Pool> pools, List<Reservation> reservations) {
        for (Pool other : pools) {
            if (!other.equals(pool) && other.network().equals(pool.network()) && other.overlaps(pool)) {
                throw new IllegalArgumentException("the pools of %s from %s and from %s overlap"
                        .formatted(pool.network(), pool.first(), other.first()));
            }
        }
        for (Reservation reservation : reservations) {
            Resource resource = reservation.resource();
            if (reservation.client().network().equals(pool.network())
                    && pool.overlaps(resource)
                    && !pool.contains(resource)) {
                throw new IllegalArgumentException(
                        "%s, fixed for %s, overlaps a pool of another kind or length, from %s"
                                .formatted(resource, reservation.client(), pool.first()));
            }
        }
    }

    /** In the order of addresses, wider before narrower, a block that overlaps any before it overlaps the one just before it. */
    private static void requireApart(List<Reservation> reservations) {
        Comparator<Reservation> order = Comparator.<Reservation, String>comparing(
                        one -> one.client().network())
                .thenComparing(one -> address(one))
                .thenComparingInt(one -> one.resource().block().length());
        Reservation previous = null;
        for (Reservation one : reservations.stream().sorted(order).toList()) {
            if (previous != null
                    && previous.client().network().equals(one.client().network())
                    && previous.resource().overlaps(one.resource())) {
                throw new IllegalArgumentException("%s, fixed for %s, overlaps %s, fixed for %s"
                        .formatted(one.resource(), one.client(), previous.resource(), previous.client()));
            }
            previous = one;
        }
    }

    private static Ipv6Address address(Reservation reservation) {
        return reservation.resource().block().address();
    }

    Space space(Claim claim) {
        return spaces.computeIfAbsent(new Place(claim.client().network(), claim.kind()), _ -> new Space(null));
    }

    @Nullable
    Resource reserved(Claim claim) {
        return reserved.get(claim);
    }
}
