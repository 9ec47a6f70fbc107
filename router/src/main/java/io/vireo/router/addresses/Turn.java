package io.vireo.router.addresses;

import io.vireo.router.leases.LeaseBook;
import io.vireo.router.leases.Resource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** What one turn leads to, which waits until it is durable: other addresses in force, and answers. */
final class Turn {
    /**
     * @param promises whether the answer is only true if the turn's leases became durable
     * @param otherwise what is answered if they did not; empty: nothing, and the client asks again
     */
    private record Answer(Guest guest, byte[] frame, boolean promises, Supplier<Optional<byte[]>> otherwise) {}

    private final List<Answer> answers = new ArrayList<>();
    private final Set<Guest> changed = new LinkedHashSet<>();

    /** Notes that a guest's leases are not what they were. */
    void change(Guest guest) {
        changed.add(guest);
    }

    /** Takes back what a guest says is used by somebody else. What the book makes nothing of is not logged: guests may flood. */
    void decline(LeaseBook book, Guest guest, Resource resource) {
        if (book.decline(guest.client(), resource)) {
            guest.log().warn("the guest says that " + resource + " is in use by another station");
            change(guest);
        }
    }

    void send(Guest guest, byte[] frame) {
        answers.add(new Answer(guest, frame, false, Optional::empty));
    }

    void promise(Guest guest, byte[] frame, Supplier<Optional<byte[]>> otherwise) {
        answers.add(new Answer(guest, frame, true, otherwise));
    }

    /** Makes the leases durable, brings them into force, and sends the answers in the order in which they were given. */
    void finish(LeaseBook book) {
        try {
            boolean durable = book.commit();
            enforce(book);
            for (Answer answer : answers) {
                attempt(answer.guest, () -> send(answer, durable));
            }
        } finally {
            answers.clear();
        }
    }

    /**
     * Brings the changes into force. What moves from one guest to another is taken from the one first. Where that fails, as a
     * reactor may at any command be told of memory that some frontend took away, the next turn tries again.
     */
    void enforce(LeaseBook book) {
        List<Guest> guests = List.copyOf(changed);
        changed.clear();
        for (Guest guest : guests) {
            if (!attempt(guest, () -> guest.endWhatIsOver(book))) {
                changed.add(guest);
            }
        }
        for (Guest guest : guests) {
            if (!attempt(guest, () -> guest.beginWhatIsDue(book))) {
                changed.add(guest);
            }
        }
    }

    /** Whether there are changes that are not in force. */
    boolean isUnfinished() {
        return !changed.isEmpty();
    }

    private void send(Answer answer, boolean durable) {
        if (answer.promises && changed.contains(answer.guest)) {
            return; // it cannot be used yet: the client asks again
        }
        if (durable || !answer.promises) {
            answer.guest.link().send(answer.frame);
        } else {
            answer.otherwise.get().ifPresent(answer.guest.link()::send);
        }
    }

    /** What fails of one guest is no reason to do nothing for the others. @return whether it did not fail */
    private static boolean attempt(Guest guest, Runnable step) {
        try {
            step.run();
            return true;
        } catch (RuntimeException e) {
            guest.log().error("addresses not changed, or an answer not sent", e);
            return false;
        }
    }
}
