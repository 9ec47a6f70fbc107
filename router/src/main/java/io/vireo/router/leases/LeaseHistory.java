package io.vireo.router.leases;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a journal's records come to: of each client and kind the last word, and what rests. The later record wins, also over
 * another client's that never said that it ended.
 */
public final class LeaseHistory {
    private record Place(String network, Resource resource) {}

    private final Map<Claim, LeaseRecord> latest = new HashMap<>();
    private final Map<Place, Claim> holders = new HashMap<>();
    private final Map<Place, LeaseRecord> declined = new HashMap<>();
    private int damagedBytes;

    LeaseHistory() {}

    /**
     * Reads a journal, also while another process writes to it.
     *
     * @throws IOException if it cannot be read or is no journal, saying so
     */
    public static LeaseHistory read(Path journal) throws IOException {
        LeaseHistory history = new LeaseHistory();
        JournalFormat.Contents contents;
        try {
            contents = JournalFormat.read(Files.readAllBytes(journal));
        } catch (NoSuchFileException e) {
            throw new IOException("there is no lease journal " + journal, e);
        } catch (FileSystemException e) {
            throw e; // it says what and where
        } catch (IOException e) {
            throw new IOException("the lease journal %s cannot be read: %s".formatted(journal, e.getMessage()), e);
        }
        contents.records().forEach(history::add);
        history.damagedBytes =
                contents.gaps().stream().mapToInt(JournalFormat.Gap::length).sum();
        return history;
    }

    void add(LeaseRecord entry) {
        Claim claim = new Claim(entry.client(), entry.resource().kind());
        Place place = new Place(entry.client().network(), entry.resource());
        switch (entry.state()) {
            case LEASED -> {
                end(claim);
                Claim other = holders.put(place, claim);
                if (other != null) {
                    latest.remove(other);
                }
                declined.remove(place);
                latest.put(claim, entry);
            }
            case RELEASED -> {
                end(claim);
                latest.put(claim, entry);
            }
            case DECLINED -> {
                if (claim.equals(holders.get(place))) {
                    end(claim);
                }
                declined.put(place, entry);
            }
        }
    }

    private void end(Claim claim) {
        LeaseRecord before = latest.remove(claim);
        if (before != null) {
            holders.remove(new Place(claim.client().network(), before.resource()), claim);
        }
    }

    /** The last word on each client and kind, and what was declined; by network, MAC address and kind. */
    public List<LeaseRecord> records() {
        List<LeaseRecord> all = new ArrayList<>(latest.values());
        all.addAll(declined.values());
        all.sort(Comparator.comparing(LeaseRecord::client)
                .thenComparing(entry -> entry.resource().kind())
                .thenComparing(entry -> entry.resource().block().address()));
        return all;
    }

    /** How many bytes of the journal are no records, a torn tail aside, which may be one that is being written. */
    public int damagedBytes() {
        return damagedBytes;
    }
}
