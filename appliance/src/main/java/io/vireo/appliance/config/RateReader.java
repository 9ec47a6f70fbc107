package io.vireo.appliance.config;

import io.vireo.router.config.Rate;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what a guest may send and be given. Thousands are 1000s, as in tc(8) and on links. */
final class RateReader {
    private static final Pattern BITS = Pattern.compile("([0-9]{1,9})([kmg])bit");
    private static final Pattern PACKETS = Pattern.compile("([0-9]{1,10})([kM]?)");
    private static final long MILLION = 1_000_000;

    private RateReader() {}

    /** Unlimited where there is none, or it is wrong, which is a problem then. */
    static Rate read(Section guest, Problems problems) {
        Section section = guest.section(Key.RATE, Key.OF_RATE);
        if (section == null) {
            return Rate.UNLIMITED;
        }
        int before = problems.size();
        Located<Long> egress = bits(section, Key.EGRESS, problems);
        Located<Long> ingress = bits(section, Key.INGRESS, problems);
        Located<Long> egressPackets = packets(section, Key.EGRESS_PACKETS, problems);
        Located<Long> ingressPackets = packets(section, Key.INGRESS_PACKETS, problems);
        Located<Long> burst = problems.parse(section.text(Key.BURST), RateReader::burst, Key.BURST.allowed);
        if (problems.size() > before) {
            return Rate.UNLIMITED;
        }
        Rate rate = new Rate(
                Located.orElse(egress, 0L),
                Located.orElse(ingress, 0L),
                Located.orElse(egressPackets, 0L),
                Located.orElse(ingressPackets, 0L),
                Located.orElse(burst, Rate.DEFAULT_BURST_NS));
        if (!rate.limitsEgress() && !rate.limitsIngress()) {
            section.refuse(Key.BURST, "limits nothing alone");
        }
        return rate;
    }

    private static @Nullable Located<Long> bits(Section section, Key key, Problems problems) {
        return problems.parse(section.text(key), RateReader::parseBits, key.allowed);
    }

    static long parseBits(String text) {
        Matcher matcher = BITS.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " is no rate in bits");
        }
        long unit = switch (matcher.group(2)) {
            case "k" -> 1000;
            case "m" -> MILLION;
            default -> 1000 * MILLION;
        };
        return within(text, Long.parseLong(matcher.group(1)) * unit, Rate.MIN_BITS, Rate.MAX_BITS);
    }

    private static @Nullable Located<Long> packets(Section section, Key key, Problems problems) {
        return problems.parse(section.textOrInteger(key), RateReader::parsePackets, key.allowed);
    }

    static long parsePackets(String text) {
        Matcher matcher = PACKETS.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text + " is no rate in packets");
        }
        long unit = switch (matcher.group(2)) {
            case "k" -> 1000;
            case "M" -> MILLION;
            default -> 1;
        };
        return within(text, Long.parseLong(matcher.group(1)) * unit, 1, Rate.MAX_FRAMES);
    }

    private static long burst(String text) {
        return within(text, Durations.parseNs(text), Rate.MIN_BURST_NS, Rate.MAX_BURST_NS);
    }

    private static long within(String text, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(text + " is out of range");
        }
        return value;
    }
}
