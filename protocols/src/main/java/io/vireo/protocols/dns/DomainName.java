package io.vireo.protocols.dns;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A fully qualified domain name of hosts: letters, digits and hyphens (RFC 1123, 2.1), with underscores as they are common.
 * Lower case is kept as it is given. A final dot is dropped.
 */
public record DomainName(String text) {
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");
    /** On the wire, with the root's zero (RFC 1035, 3.1). */
    private static final int MAX_WIRE_LENGTH = 255;

    public DomainName {
        text = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        for (String label : labels(text)) {
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException("\"%s\" is not a domain name".formatted(text));
            }
        }
        if (text.length() + 2 > MAX_WIRE_LENGTH) {
            throw new IllegalArgumentException("domain name of %d characters is too long".formatted(text.length()));
        }
    }

    private static List<String> labels(String text) {
        return List.of(text.split("\\.", -1));
    }

    public List<String> labels() {
        return labels(text);
    }

    /** Labels with their lengths before them, and the root (RFC 1035, 3.1), not compressed. */
    public byte[] toWire() {
        byte[] wire = new byte[text.length() + 2];
        int at = 0;
        for (String label : labels()) {
            wire[at] = (byte) label.length();
            byte[] characters = label.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(characters, 0, wire, at + 1, characters.length);
            at += 1 + characters.length;
        }
        return wire;
    }

    @Override
    public String toString() {
        return text;
    }
}
