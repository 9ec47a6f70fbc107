package io.vireo.router.leases;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes on what a journal says, as far as the configuration, which may be another than when it was written, has a place for
 * it: leases of what is now fixed for another client, or is in no pool, are dropped.
 *
 * @param rememberedSinceSeconds ended leases are remembered if they ended after that
 */
record Inheritance(long rememberedSinceSeconds, long nowSeconds) {
    private static final Logger LOG = LoggerFactory.getLogger(Inheritance.class);

    /** Returns whether there was anything to drop. */
    boolean pass(
            List<LeaseRecord> records, Function<Claim, Holding> holdings, Collection<Lease> leases, Declines declines) {
        records.stream()
                .filter(entry -> entry.state() == LeaseRecord.State.DECLINED && entry.inForce(nowSeconds))
                .sorted(Comparator.comparingLong(LeaseRecord::seconds))
                .forEach(entry -> decline(holding(holdings, entry), entry, declines));
        int homeless = 0;
        int conflicts = 0;
        for (LeaseRecord entry : records) {
            if (entry.state() != LeaseRecord.State.LEASED || !entry.inForce(nowSeconds)) {
                continue;
            }
            Holding holding = holding(holdings, entry);
            if (keep(holding, entry.resource())) {
                holding.lease = entry.toLease();
                holding.last = entry.resource();
                leases.add(entry.toLease());
            } else if (holding.reserved != null || holding.space.isTaken(entry.resource())) {
                conflicts++;
                LOG.warn(
                        "the lease of {} by {} was dropped: the configuration gives it to another, or another to it",
                        entry.resource(),
                        entry.client());
            } else {
                homeless++;
            }
        }
        if (homeless > 0) {
            LOG.warn("{} leases were dropped: their addresses are in none of the configuration's pools", homeless);
        }
        records.forEach(entry -> remember(holdings, entry));
        return homeless + conflicts > 0;
    }

    private static Holding holding(Function<Claim, Holding> holdings, LeaseRecord entry) {
        return holdings.apply(new Claim(entry.client(), entry.resource().kind()));
    }

    private static void decline(Holding holding, LeaseRecord entry, Declines declines) {
        if (keep(holding, entry.resource())) {
            declines.add(holding, entry);
        }
    }

    private static boolean keep(Holding holding, Resource resource) {
        return holding.reserved == null ? holding.space.take(resource) : holding.reserved.equals(resource);
    }

    private void remember(Function<Claim, Holding> holdings, LeaseRecord entry) {
        if (entry.state() == LeaseRecord.State.DECLINED
                || entry.inForce(nowSeconds)
                || entry.seconds() <= rememberedSinceSeconds) {
            return;
        }
        Holding holding = holding(holdings, entry);
        holding.ended = entry;
        holding.last = entry.resource();
        holding.space.remember(entry.resource());
    }
}
