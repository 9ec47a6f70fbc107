package io.vireo.benchmarks.dpdk;

import io.vireo.benchmarks.support.Cleanup;
import java.io.IOException;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What a guest sends, and what becomes of it. */
enum UplinkLoad {
    /** Datagrams of many flows in turn, so that none travels merged, dropped by netfilter before they are routed. */
    DROPPED(32, "datagrams of 32 flows, dropped by a rule"),
    /** Datagrams of one flow, to a socket that takes them one by one. */
    SOCKET(1, "datagrams of one flow, to a socket"),
    /** Datagrams of one flow, to a socket that takes as one what came as one. */
    GRO(1, "datagrams of one flow, to a socket with UDP_GRO");

    private final int flows;
    private final String description;

    UplinkLoad(int flows, String description) {
        this.flows = flows;
        this.description = description;
    }

    /** Names them as they are written. */
    static final class Converter implements ITypeConverter<UplinkLoad> {
        @Override
        public UplinkLoad convert(String text) {
            for (UplinkLoad load : UplinkLoad.values()) {
                if (load.toString().equals(text)) {
                    return load;
                }
            }
            throw new TypeConversionException("'" + text + "' is none of dropped, socket and gro");
        }
    }

    int flows() {
        return flows;
    }

    String description() {
        return description;
    }

    /** In the network namespace of the calling thread. */
    Destination open(Cleanup cleanup) throws IOException {
        return switch (this) {
            case DROPPED -> DropRule.install();
            case SOCKET -> Receiver.start(cleanup, false);
            case GRO -> Receiver.start(cleanup, true);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
