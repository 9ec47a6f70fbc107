package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rule of netfilter that counts datagrams and drops them before they are routed, in the namespace of the calling thread.
 * It counts packets, so nothing may travel merged.
 */
final class DropRule implements Destination {
    private static final Pattern PACKETS = Pattern.compile("packets (\\d+) bytes \\d+");

    private DropRule() {}

    static DropRule install() throws IOException {
        nft("add table ip bench");
        nft("add counter ip bench dropped");
        nft("add chain ip bench early { type filter hook prerouting priority raw; }");
        nft("add rule ip bench early udp dport " + PORT + " counter name dropped drop");
        return new DropRule();
    }

    private static String nft(String command) throws IOException {
        return Tool.run("nft", "nftables", command);
    }

    @Override
    public long datagrams() throws IOException {
        return parse(nft("list counter ip bench dropped"));
    }

    static long parse(String listing) throws IOException {
        Matcher matcher = PACKETS.matcher(listing);
        if (!matcher.find()) {
            throw new IOException("nft does not say what it counted: " + listing);
        }
        return Long.parseLong(matcher.group(1));
    }
}
