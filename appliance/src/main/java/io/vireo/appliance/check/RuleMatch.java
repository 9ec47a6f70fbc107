package io.vireo.appliance.check;

import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.List;
import java.util.Set;

/** Whether the conditions of a firewall's rules hold for all IPv4 packets of a prefix that came in by the uplink. */
final class RuleMatch {
    /** Expressions that are no conditions. */
    private static final Set<String> UNCONDITIONAL = Set.of(
            "counter", "log", "comment", "masquerade", "snat", "jump", "goto", "vmap", "accept", "return", "drop");

    private final Ipv4Prefix source;
    private final String tun;

    RuleMatch(Ipv4Prefix source, String tun) {
        this.source = source;
        this.tun = tun;
    }

    Cover holds(Json expression) {
        if (expression.has("match")) {
            Json match = expression.get("match");
            Cover equal = equal(match.get("left"), match.get("right"));
            return match.get("op").text().equals("!=") ? unequal(match.get("left"), equal) : equal;
        }
        if (expression.has("xt")) { // of iptables; targets are no conditions
            return expression.get("xt").get("type").text().equals("target") ? Cover.YES : Cover.MAYBE;
        }
        return UNCONDITIONAL.stream().anyMatch(expression::has) ? Cover.YES : Cover.MAYBE;
    }

    private Cover equal(Json left, Json right) {
        Json payload = left.get("payload");
        String meta = left.get("meta").get("key").text();
        if (payload.get("protocol").text().equals("ip6")) {
            return Cover.NO;
        }
        if (payload.get("protocol").text().equals("ip")
                && payload.get("field").text().equals("saddr")) {
            return within(right);
        }
        return switch (meta) {
            case "nfproto" -> right.text().equals("ipv4") ? Cover.YES : Cover.NO;
            case "iifname", "iif" -> names(right) ? Cover.YES : isPlain(right) ? Cover.NO : Cover.MAYBE;
            // Out by another interface: the one that leads to the world, as far as one can tell.
            case "oifname", "oif" -> names(right) || right.text().equals("lo") ? Cover.NO : Cover.YES;
            default -> Cover.MAYBE;
        };
    }

    /** What is out by another interface than that which a rule names may be out by that of the world, or not. */
    private Cover unequal(Json left, Cover equal) {
        String meta = left.get("meta").get("key").text();
        boolean isOther = (meta.equals("oifname") || meta.equals("oif")) && equal == Cover.YES;
        boolean isDestination = left.get("payload").get("field").text().equals("daddr")
                && left.get("payload").get("protocol").text().equals("ip");
        if (isDestination) {
            return Cover.YES; // all but a few places of the world are outside
        }
        return isOther ? Cover.MAYBE : equal.not();
    }

    private boolean names(Json right) {
        String name = right.text();
        boolean isPattern = name.endsWith("*") && tun.startsWith(name.substring(0, name.length() - 1));
        return name.equals(tun)
                || isPattern
                || right.get("set").items().stream().anyMatch(this::names);
    }

    private static boolean isPlain(Json right) {
        return !right.text().startsWith("@");
    }

    private Cover within(Json right) {
        List<Json> set = right.get("set").items();
        Cover cover = Cover.NO;
        for (Json item : set) {
            cover = cover.or(within(item));
        }
        if (!set.isEmpty()) {
            return cover;
        }
        try {
            return withinOne(right);
        } catch (IllegalArgumentException e) {
            return Cover.MAYBE; // such as the name of a set
        }
    }

    private Cover withinOne(Json right) {
        List<Json> range = right.get("range").items();
        if (range.size() == 2) {
            return within(address(range.get(0)), address(range.get(1)));
        }
        if (right.has("prefix")) {
            int length = Integer.parseInt(right.get("prefix").get("len").text());
            Ipv4Address first =
                    Ipv4Address.parse(right.get("prefix").get("addr").text());
            Ipv4Prefix prefix = new Ipv4Prefix(first, length);
            return within(Integer.toUnsignedLong(first.value()), Integer.toUnsignedLong(prefix.broadcast()));
        }
        return within(address(right), address(right));
    }

    private static long address(Json json) {
        return Integer.toUnsignedLong(Ipv4Address.parse(json.text()).value());
    }

    private Cover within(long first, long last) {
        long sourceFirst = Integer.toUnsignedLong(source.address().value());
        long sourceLast = Integer.toUnsignedLong(source.broadcast());
        if (first <= sourceFirst && sourceLast <= last) {
            return Cover.YES;
        }
        return last < sourceFirst || sourceLast < first ? Cover.NO : Cover.MAYBE;
    }
}
