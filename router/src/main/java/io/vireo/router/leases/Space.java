package io.vireo.router.leases;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The resources of one kind in one network: which are taken, and which comes next. Its size grows with what is taken, not
 * with the pool: what was never given is known by a cursor, what was given back is listed.
 */
final class Space {
    /** What was given back is used again before the fresh when there is this much more of it than of what is taken. */
    private static final int SPARE = 1024;

    /** The share of a pool that may rest at a time, so that guests who decline everything do not empty it. */
    private static final int RESTING_SHARE = 4;

    private final @Nullable Pool pool;
    private final long size;
    private final Set<Resource> taken = new HashSet<>();
    private final LinkedHashSet<Resource> returned = new LinkedHashSet<>();
    private long cursor;
    private int resting;

    /** @param pool null if only what is reserved can be had */
    Space(@Nullable Pool pool) {
        this.pool = pool;
        size = pool == null ? 0 : pool.size();
    }

    /** Keeps a resource out of the pool, or belongs to it only in name. */
    void reserve(Resource resource) {
        taken.add(resource);
    }

    boolean isTaken(Resource resource) {
        return taken.contains(resource);
    }

    /** Takes that one, if it is of the pool and free. */
    boolean take(Resource resource) {
        if (pool == null || !pool.contains(resource) || !taken.add(resource)) {
            return false;
        }
        returned.remove(resource);
        return true;
    }

    /** Takes any: one that was never given, else the one that was given back the longest ago; null if there is none. */
    @Nullable
    Resource take() {
        Resource resource = returned.size() > SPARE + taken.size() ? null : fresh();
        if (resource == null && !returned.isEmpty()) {
            resource = returned.removeFirst();
        }
        if (resource != null) {
            taken.add(resource);
        }
        return resource;
    }

    /** Passes each resource of the pool once at most. */
    private @Nullable Resource fresh() {
        while (pool != null && cursor < size) {
            Resource resource = pool.get(cursor++);
            if (!taken.contains(resource) && !returned.contains(resource)) {
                return resource;
            }
        }
        return null;
    }

    void giveBack(Resource resource) {
        if (taken.remove(resource)) {
            remember(resource);
        }
    }

    /** Keeps a free resource, which somebody had, for last. */
    void remember(Resource resource) {
        if (pool != null && pool.contains(resource) && !taken.contains(resource)) {
            returned.add(resource);
        }
    }

    /** Whether one more of the taken may rest; if so, {@link #endRest} follows. */
    boolean tryRest() {
        if (pool == null || resting >= Math.max(size / RESTING_SHARE, 1)) {
            return false;
        }
        resting++;
        return true;
    }

    void endRest(Resource resource) {
        resting--;
        giveBack(resource);
    }
}
