package io.vireo.services.vcomlink;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** A channel of numbered requests, each of which has an answer. */
public final class RequestChannel implements VcomLinkChannel {
    private final long number;
    private final Map<Long, Request> requests;

    /**
     * @param number of the channel
     * @param requests by their numbers, which are unsigned
     */
    public RequestChannel(long number, Map<Long, Request> requests) {
        this.number = number;
        this.requests = Map.copyOf(requests);
    }

    /** Something that a guest may ask for. */
    @FunctionalInterface
    public interface Request {
        /**
         * Answers.
         *
         * @param packet the request, which may have members beyond its number
         */
        OutgoingPacket answer(IncomingPacket packet) throws IOException;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public Optional<OutgoingPacket> receive(IncomingPacket packet) throws IOException {
        long id = packet.unsigned("request");
        Request request = requests.get(id);
        if (request == null) {
            throw new MalformedPacketException(
                    "channel %d has no request %s".formatted(number, Long.toUnsignedString(id)));
        }
        return Optional.of(request.answer(packet));
    }
}
