package io.vireo.services.migtd;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What is around a message on its way from one MigTD to the other. */
public enum MigTdFraming {
    /** Its length, as MigTD's emulator writes it: {@code length u32 | payload}, little endian. */
    NATIVE,
    /** A header that says what it is about ({@link MigTdPacketHeader}). */
    PACKET,
    /** Nothing: bytes of TLS or SPDM, as MigTD itself sends over vsock. For a relay only. */
    RAW;

    /** The framing of this name, as configuration has it: native, packet, raw; null if there is none. */
    public static @Nullable MigTdFraming named(String name) {
        for (MigTdFraming framing : values()) {
            if (framing.toString().equals(name)) {
                return framing;
            }
        }
        return null;
    }

    /** For the messages of one direction of a connection; null for {@link #RAW}. */
    @Nullable
    MigTdCodec codec() {
        return switch (this) {
            case NATIVE -> new NativeCodec();
            case PACKET -> new PacketCodec();
            case RAW -> null;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
