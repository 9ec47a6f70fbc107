package io.vireo.router.leases;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address and prefix, and until when. Confined to one thread.
 *
 * <p>A turn of its user: {@link #expired}; then for each request {@link #offer}, and {@link #grant} if that is what the client
 * asks for; then one {@link #commit}, and only then the answers. If that returns false, nobody is told of a grant of that
 * turn; whoever had a lease before still has it, and may be told how much is left of it ({@link #lease}).
 */
public final class LeaseBook implements AutoCloseable {
    private static final long REMEMBERED_SECONDS = 30L * 24 * 60 * 60;

    private static final Comparator<Lease> BY_EXPIRY = Comparator.comparingLong(Lease::expiresAtSeconds)
            .thenComparing(Lease::client)
            .thenComparing(lease -> lease.resource().kind());

    /** A grant that is not durable yet, and what the client had before. */
    private record Granted(
            Holding holding, Lease lease, @Nullable Lease before) {}

    private final Layout layout;
    private final InstantSource clock;
    private final @Nullable Journal journal;
    private final Map<Claim, Holding> holdings = new HashMap<>();
    private final TreeSet<Lease> leases = new TreeSet<>(BY_EXPIRY);
    private final Offers offers = new Offers();
    private final Declines declines = new Declines();
    private final List<Granted> uncommitted = new ArrayList<>();
    private boolean unsaved;

    private LeaseBook(Layout layout, InstantSource clock, @Nullable Journal journal) {
        this.layout = layout;
        this.clock = clock;
        this.journal = journal;
    }

    /**
     * Opens a book with what its journal says, as far as the configuration has a place for it.
     *
     * @param file the journal, made if it is not there; absent: leases last as long as the book
     * @throws IOException if the journal is in use, cannot be read or written, or is none; the message says which
     * @throws IllegalArgumentException if pools or reservations overlap
     */
    public static LeaseBook open(Optional<Path> file, List<Pool> pools, List<Reservation> fixed, InstantSource clock)
            throws IOException {
        return open(file, pools, fixed, clock, JournalFile.Opener.FILES);
    }

    static LeaseBook open(
            Optional<Path> file,
            List<Pool> pools,
            List<Reservation> fixed,
            InstantSource clock,
            JournalFile.Opener opener)
            throws IOException {
        Layout layout = new Layout(pools, fixed);
        LeaseHistory history = new LeaseHistory();
        Journal journal = file.isPresent() ? Journal.open(file.get(), opener, history::add) : null;
        LeaseBook book = new LeaseBook(layout, clock, journal);
        Inheritance inheritance = new Inheritance(book.nowSeconds() - REMEMBERED_SECONDS, book.nowSeconds());
        boolean dropped = inheritance.pass(history.records(), book::holding, book.leases, book.declines);
        if (journal != null) {
            journal.tidy(dropped, book::records);
        }
        return book;
    }

    private Holding holding(Claim claim) {
        return holdings.computeIfAbsent(claim, _ -> new Holding(claim, layout.space(claim), layout.reserved(claim)));
    }

    private long nowSeconds() {
        return clock.instant().getEpochSecond();
    }

    /**
     * What a client has, or is to have: what is fixed for it, what it had or was offered last, else any that is free. What is
     * not leased is held for it for {@value Offers#HELD_SECONDS} s.
     *
     * @return empty if there is no pool, if it is exhausted, or if the client has declined too many
     */
    public Optional<Resource> offer(Client client, Kind kind) {
        endOffersAndRests();
        Holding holding = holding(new Claim(client, kind));
        if (holding.lease != null) {
            return Optional.of(holding.lease.resource());
        }
        if (Declines.isExcessive(holding)) {
            return Optional.empty();
        }
        if (holding.reserved != null) {
            return Optional.of(holding.reserved);
        }
        Resource resource = holding.offer;
        if (resource == null) {
            Resource last = holding.last;
            resource = last != null && holding.space.take(last) ? last : holding.space.take();
        }
        if (resource != null) {
            offers.hold(holding, resource, nowSeconds());
        }
        return Optional.ofNullable(resource);
    }

    /** What a client has, what is fixed for it, or what is held for it; nothing is taken for its sake. */
    public Optional<Resource> held(Client client, Kind kind) {
        endOffersAndRests();
        Holding holding = holding(new Claim(client, kind));
        Resource resource = holding.reserved != null ? holding.reserved : holding.offer;
        return Optional.ofNullable(holding.lease != null ? holding.lease.resource() : resource);
    }

    private void endOffersAndRests() {
        offers.endLapsed(nowSeconds());
        declines.endRests(nowSeconds());
    }

    /**
     * Leases a resource to a client, or extends its lease. Tell nobody before {@link #commit} has returned true.
     *
     * @param seconds from now on, more than 0; {@link Lease#NEVER}
     * @return false if that is not what {@link #offer} last said
     */
    public boolean grant(Client client, Resource resource, long seconds) {
        if (seconds <= 0) {
            throw new IllegalArgumentException("a lease of %d seconds".formatted(seconds));
        }
        Holding holding = holdings.get(new Claim(client, resource.kind()));
        if (holding == null || !holding.has(resource)) {
            return false;
        }
        Lease before = holding.lease;
        Lease lease = new Lease(client, resource, seconds == Lease.NEVER ? Lease.NEVER : endAfter(seconds));
        if (lease.equals(before)) {
            return true;
        }
        offers.take(holding);
        setLease(holding, lease);
        uncommitted.add(new Granted(holding, lease, before));
        append(LeaseRecord.of(lease));
        return true;
    }

    /** A second that has begun counts as over, so that a lease never ends before its client believes it does. */
    private long endAfter(long seconds) {
        Instant now = clock.instant();
        return now.getEpochSecond() + (now.getNano() > 0 ? 1 : 0) + seconds;
    }

    private void setLease(Holding holding, @Nullable Lease lease) {
        if (holding.lease != null) {
            leases.remove(holding.lease);
        }
        holding.lease = lease;
        if (lease != null) {
            leases.add(lease);
            holding.last = lease.resource();
            holding.ended = null;
        }
    }

    private void append(LeaseRecord entry) {
        unsaved = true;
        if (journal != null) {
            journal.append(entry);
        }
    }

    /**
     * Ends a client's lease or offer. If that cannot be made durable it stands nevertheless, and each commit tries again: at
     * worst the lease is back after a restart, until it expires.
     *
     * @return the lease that it had
     */
    public Optional<Lease> release(Client client, Kind kind) {
        Holding holding = holdings.get(new Claim(client, kind));
        if (holding == null) {
            return Optional.empty();
        }
        offers.end(holding);
        Lease lease = holding.lease;
        if (lease != null) {
            LeaseRecord entry = new LeaseRecord(LeaseRecord.State.RELEASED, client, lease.resource(), nowSeconds());
            end(holding, lease, entry);
            append(entry);
        }
        return Optional.ofNullable(lease);
    }

    private void end(Holding holding, Lease lease, LeaseRecord entry) {
        setLease(holding, null);
        holding.ended = entry;
        holding.giveBack(lease.resource());
    }

    /**
     * Takes back what a client says is used by somebody else, and lets it rest. As with {@link #release}, that stands even if
     * it cannot be made durable.
     *
     * @return false if that is not what the client has or was offered
     */
    public boolean decline(Client client, Resource resource) {
        endOffersAndRests();
        Holding holding = holdings.get(new Claim(client, resource.kind()));
        if (holding == null || !holding.has(resource) || Declines.isExcessive(holding)) {
            return false;
        }
        setLease(holding, null);
        offers.take(holding);
        holding.last = null;
        holding.ended = null;
        LeaseRecord entry =
                new LeaseRecord(LeaseRecord.State.DECLINED, client, resource, nowSeconds() + Declines.REST_SECONDS);
        declines.add(holding, entry);
        append(entry);
        return true;
    }

    /**
     * Makes all changes since the last time it succeeded durable, with one fsync; does nothing if there were none.
     *
     * @return false if that failed: the grants among them are undone
     */
    public boolean commit() {
        if (!unsaved) {
            return true;
        }
        boolean durable = journal == null || journal.commit(this::records);
        if (!durable) {
            uncommitted.reversed().forEach(this::undo);
        }
        uncommitted.clear();
        unsaved = !durable;
        return durable;
    }

    private void undo(Granted grant) {
        Holding holding = grant.holding;
        if (!grant.lease.equals(holding.lease)) {
            return; // released, declined or expired since
        }
        setLease(holding, grant.before);
        if (grant.before == null && holding.reserved == null) {
            offers.hold(holding, grant.lease.resource(), nowSeconds());
        }
    }

    /** What the journal needs, in an order in which no record ends what one before it says. */
    private Collection<LeaseRecord> records() {
        List<LeaseRecord> records = new ArrayList<>();
        declines.writeTo(records);
        long forgotten = nowSeconds() - REMEMBERED_SECONDS;
        for (Holding holding : holdings.values()) {
            LeaseRecord ended = holding.ended;
            if (ended != null && ended.seconds() > forgotten && !holding.space.isTaken(ended.resource())) {
                records.add(ended);
            }
        }
        leases.forEach(lease -> records.add(LeaseRecord.of(lease)));
        return records;
    }

    /**
     * Ends the leases whose time is over; until then they are their clients'. The caller takes them off the data plane before
     * it offers anything.
     */
    public List<Lease> expired() {
        long now = nowSeconds();
        List<Lease> over = new ArrayList<>();
        while (!leases.isEmpty() && leases.getFirst().expiresAtSeconds() <= now) {
            Lease lease = leases.getFirst();
            end(holding(new Claim(lease.client(), lease.resource().kind())), lease, LeaseRecord.of(lease));
            over.add(lease);
        }
        return over;
    }

    /** When {@link #expired} will next have something to say; {@link Lease#NEVER}. */
    public long nextExpirySeconds() {
        return leases.isEmpty() ? Lease.NEVER : leases.getFirst().expiresAtSeconds();
    }

    /** What a client has, whether it is durable yet or not. */
    public Optional<Lease> lease(Client client, Kind kind) {
        Holding holding = holdings.get(new Claim(client, kind));
        return holding == null ? Optional.empty() : Optional.ofNullable(holding.lease);
    }

    /** All leases, by network, MAC address and kind. */
    public List<Lease> leases() {
        return leases.stream()
                .sorted(Comparator.comparing(Lease::client)
                        .thenComparing(lease -> lease.resource().kind()))
                .toList();
    }

    /** Closes the journal and lets another process have it. What is not committed is lost. */
    @Override
    public void close() throws IOException {
        if (journal != null) {
            journal.close();
        }
    }
}
