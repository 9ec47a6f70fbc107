package io.vireo.services.vcomlink;

import io.vireo.services.GuestService;
import io.vireo.services.GuestStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent: hands each packet to its channel and sends the answer. What one read gives is a packet, as the original has it;
 * so a packet in two pieces is two malformed ones, and one that is longer than {@link IncomingPacket#MAX_BYTES} is cut, and
 * malformed too. The first of these ends its connection.
 */
public final class VcomLinkService implements GuestService {
    /** How long a read or a write may take. */
    static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(VcomLinkService.class);

    private final VcomLinkCounters counters = new VcomLinkCounters();
    private final Map<Long, VcomLinkChannel> channels = new HashMap<>();

    /** @param channels beside that of errors, each with a number of its own */
    public VcomLinkService(List<VcomLinkChannel> channels) {
        this(channels, System::nanoTime);
        Thread.ofVirtual().name("vcomlink-warm-up").start(VcomLinkService::warmUp);
    }

    /** Has loaded what the first packet needs before it comes: a guest's socat waits half a second, and then gives up. */
    private static void warmUp() {
        byte[] packet = ErrorChannel.packet().encode();
        try {
            LOG.debug(
                    "ready for packets; errors are channel {}",
                    IncomingPacket.parse(packet, packet.length).integer("channel"));
        } catch (MalformedPacketException e) {
            throw new IllegalStateException(e); // it is our own
        }
    }

    VcomLinkService(List<VcomLinkChannel> channels, LongSupplier clockNs) {
        add(new ErrorChannel(counters, clockNs));
        channels.forEach(this::add);
    }

    private void add(VcomLinkChannel channel) {
        if (channels.put(channel.number(), channel) != null) {
            throw new IllegalArgumentException("two channels " + channel.number());
        }
    }

    @Override
    public String name() {
        return "vcomlink";
    }

    @Override
    public Map<VcomLinkCounter, Long> counters() {
        return counters.snapshot();
    }

    @Override
    public void serve(GuestStream stream) throws IOException {
        stream.timeout(TIMEOUT);
        byte[] buffer = new byte[IncomingPacket.MAX_BYTES];
        boolean goesOn;
        do {
            goesOn = exchange(stream, buffer);
        } while (goesOn);
    }

    /** One packet and its answer. False where the guest has ended, or was refused. */
    private boolean exchange(GuestStream stream, byte[] buffer) throws IOException {
        int length;
        try {
            length = stream.input().read(buffer);
        } catch (SocketTimeoutException e) {
            return refuse(stream, e);
        }
        if (length < 0) {
            return false;
        }
        counters.add(VcomLinkCounter.PACKETS);
        Optional<OutgoingPacket> answer;
        try {
            answer = answer(IncomingPacket.parse(buffer, length));
        } catch (IOException e) {
            return refuse(stream, e);
        }
        if (answer.isPresent()) {
            send(stream, answer.get());
            counters.add(VcomLinkCounter.ANSWERED);
        }
        return true;
    }

    private Optional<OutgoingPacket> answer(IncomingPacket packet) throws IOException {
        long number = packet.integer("channel");
        VcomLinkChannel channel = channels.get(number);
        if (channel == null) {
            throw new MalformedPacketException("there is no channel " + number);
        }
        return channel.receive(packet);
    }

    private boolean refuse(GuestStream stream, IOException why) throws IOException {
        LOG.debug("{}: {}", stream.peer(), why.getMessage());
        counters.add(VcomLinkCounter.REFUSED);
        send(stream, ErrorChannel.packet());
        return false;
    }

    private static void send(GuestStream stream, OutgoingPacket packet) throws IOException {
        stream.output().write(packet.encode());
        stream.output().flush();
    }
}
