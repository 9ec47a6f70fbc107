package io.vireo.router.leases;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vireo.protocols.ethernet.MacAddress;
import java.util.Comparator;

/**
 * A guest on a network.
 *
 * @param network the network's name, 1 to {@value #MAX_NETWORK_LENGTH} bytes of UTF-8
 */
public record Client(String network, MacAddress mac) implements Comparable<Client> {
    static final int MAX_NETWORK_LENGTH = 255;

    private static final Comparator<Client> ORDER =
            Comparator.comparing(Client::network).thenComparingLong(client -> client.mac.value());

    public Client {
        int length = network.getBytes(UTF_8).length;
        if (length == 0 || length > MAX_NETWORK_LENGTH) {
            throw new IllegalArgumentException("a network's name has 1 to 255 bytes, not " + length);
        }
    }

    @Override
    public int compareTo(Client other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return mac + " on " + network;
    }
}
