package io.vireo.services.vcomlink;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A JSON object that a guest sent, with whatever members it has; their types are looked at when somebody asks for them. */
public final class IncomingPacket {
    /** The longest packet, in bytes. */
    public static final int MAX_BYTES = 8192;

    /** Strings of guests are neither interned nor kept, and no limit lies below that of the packet. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_BYTES)
                    .maxNumberLength(MAX_BYTES)
                    .build())
            .build();

    /** By name in any case, in the order of the packet. */
    private final Map<String, List<Member>> members = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    /** The value of a member; of an object or a list, no text. */
    private record Member(JsonToken type, String text) {}

    private IncomingPacket() {}

    /**
     * Reads a packet, which may have white space around it. Bytes that are no UTF-8 are as the replacement character.
     *
     * @param length how many of the bytes are the packet
     * @throws MalformedPacketException if they are anything but one JSON object
     */
    public static IncomingPacket parse(byte[] bytes, int length) throws MalformedPacketException {
        IncomingPacket packet = new IncomingPacket();
        try (JsonParser parser = JSON.createParser(new String(bytes, 0, length, UTF_8))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedPacketException("no JSON object");
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                packet.add(parser);
            }
            if (parser.nextToken() != null) {
                throw new MalformedPacketException("something follows the JSON object");
            }
        } catch (MalformedPacketException e) {
            throw e;
        } catch (IOException e) {
            throw new MalformedPacketException("no JSON", e);
        }
        return packet;
    }

    private void add(JsonParser parser) throws IOException {
        String name = parser.currentName();
        JsonToken type = parser.nextToken();
        String text = type.isScalarValue() ? parser.getText() : "";
        parser.skipChildren();
        members.computeIfAbsent(name, _ -> new ArrayList<>()).add(new Member(type, text));
    }

    /** A whole number of 64 bits with sign; 0 where there is none. */
    public long integer(String key) throws MalformedPacketException {
        return number(key, Long::parseLong);
    }

    /** A whole number of 64 bits without sign, in a long; 0 where there is none. */
    public long unsigned(String key) throws MalformedPacketException {
        return number(key, Long::parseUnsignedLong);
    }

    private long number(String key, Conversion conversion) throws MalformedPacketException {
        long result = 0;
        for (Member member : members.getOrDefault(key, List.of())) {
            if (member.type == JsonToken.VALUE_NULL) {
                continue;
            }
            if (member.type != JsonToken.VALUE_NUMBER_INT) {
                throw new MalformedPacketException(key + " is no whole number");
            }
            try {
                result = conversion.read(member.text);
            } catch (NumberFormatException e) {
                throw new MalformedPacketException(key + " is out of range");
            }
        }
        return result;
    }

    /** A text; an empty one where there is none. */
    public String text(String key) throws MalformedPacketException {
        String result = "";
        for (Member member : members.getOrDefault(key, List.of())) {
            if (member.type == JsonToken.VALUE_NULL) {
                continue;
            }
            if (member.type != JsonToken.VALUE_STRING) {
                throw new MalformedPacketException(key + " is no text");
            }
            result = member.text;
        }
        return result;
    }

    /** How digits become a number. */
    @FunctionalInterface
    private interface Conversion {
        long read(String digits);
    }
}
