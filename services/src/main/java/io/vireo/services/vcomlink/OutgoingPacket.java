package io.vireo.services.vcomlink;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A packet for a guest: the number of its channel, then texts in the order in which they were added. */
public final class OutgoingPacket {
    private static final JsonFactory JSON = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .build();

    private final long channel;
    private final Map<String, String> texts = new LinkedHashMap<>();

    private OutgoingPacket(long channel) {
        this.channel = channel;
    }

    /** A packet of that channel, with nothing else in it yet. */
    public static OutgoingPacket on(long channel) {
        return new OutgoingPacket(channel);
    }

    /** Adds a text. */
    public OutgoingPacket with(String key, String text) {
        texts.put(key, text);
        return this;
    }

    /** JSON in UTF-8, without white space. */
    public byte[] encode() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("channel", channel);
            for (Map.Entry<String, String> member : texts.entrySet()) {
                json.writeStringField(member.getKey(), member.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string takes everything
        }
        return text.toString().getBytes(UTF_8);
    }
}
