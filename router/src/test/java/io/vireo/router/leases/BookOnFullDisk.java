package io.vireo.router.leases;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A lease book, for tests of who uses one, whose disk is full when they say so. */
public final class BookOnFullDisk {
    private final FaultyDisk disk = new FaultyDisk();
    public final LeaseBook book;

    public BookOnFullDisk(Path journal, List<Pool> pools, List<Reservation> fixed, InstantSource clock)
            throws IOException {
        book = LeaseBook.open(Optional.of(journal), pools, fixed, clock, disk);
    }

    public void full(boolean full) {
        disk.room = full ? 0 : Long.MAX_VALUE;
    }
}
