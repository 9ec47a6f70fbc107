package io.vireo.router.addresses;

import io.vireo.router.leases.LeaseBook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answers of one turn, which wait until what they promise is durable. */
final class Turn {
    private static final Logger LOG = LoggerFactory.getLogger(Turn.class);

    /**
     * @param promises whether the answer is only true if the turn's leases became durable
     * @param otherwise what is answered if they did not; empty: nothing, and the client asks again
     */
    private record Answer(Guest guest, byte[] frame, boolean promises, Supplier<Optional<byte[]>> otherwise) {}

    private final List<Answer> answers = new ArrayList<>();

    void send(Guest guest, byte[] frame) {
        answers.add(new Answer(guest, frame, false, Optional::empty));
    }

    void promise(Guest guest, byte[] frame, Supplier<Optional<byte[]>> otherwise) {
        answers.add(new Answer(guest, frame, true, otherwise));
    }

    /** Makes the leases durable, brings them into force, and sends the answers in the order in which they were given. */
    void finish(LeaseBook book) {
        boolean durable = book.commit();
        for (Answer answer : answers) {
            try {
                finish(answer, durable, book);
            } catch (RuntimeException e) {
                LOG.error("{}: an answer was not sent", answer.guest, e);
            }
        }
        answers.clear();
    }

    private static void finish(Answer answer, boolean durable, LeaseBook book) {
        if (!answer.promises) {
            answer.guest.link().send(answer.frame);
            return;
        }
        answer.guest.refresh(book);
        if (durable) {
            answer.guest.link().send(answer.frame);
        } else {
            answer.otherwise.get().ifPresent(answer.guest.link()::send);
        }
    }
}
