package io.vireo.appliance.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chains of a host's firewall, as {@code nft -j list ruleset} tells of them (libnftables-json(5)).
 *
 * @param bases where packets come in
 * @param rules of each chain, in order: a list of expressions each
 */
record Ruleset(List<Base> bases, Map<Chain, List<List<Json>>> rules) {
    /** @param family such as ip, ip6 or inet */
    record Chain(String family, String table, String name) {
        Chain sibling(String other) {
            return new Chain(family, table, other);
        }

        /** Whether IPv4 packets come here. */
        boolean isIpv4() {
            return family.equals("ip") || family.equals("inet");
        }
    }

    /** A chain that the kernel sends packets to by itself. */
    record Base(Chain chain, String type, String hook, String policy) {}

    static Optional<Ruleset> ofNft(String text) {
        return Json.parse(text).filter(json -> json.has("nftables")).map(json -> {
            List<Base> bases = new ArrayList<>();
            Map<Chain, List<List<Json>>> rules = new HashMap<>();
            for (Json item : json.get("nftables").items()) {
                Json chain = item.get("chain");
                if (chain.has("hook")) {
                    Chain its = chain(chain, "name");
                    bases.add(new Base(
                            its,
                            chain.get("type").text(),
                            chain.get("hook").text(),
                            chain.get("policy").text()));
                }
                Json rule = item.get("rule");
                if (rule.has("expr")) {
                    rules.computeIfAbsent(chain(rule, "chain"), _ -> new ArrayList<>())
                            .add(rule.get("expr").items());
                }
            }
            return new Ruleset(bases, rules);
        });
    }

    private static Chain chain(Json json, String name) {
        return new Chain(
                json.get("family").text(),
                json.get("table").text(),
                json.get(name).text());
    }

    List<List<Json>> rulesOf(Chain chain) {
        return rules.getOrDefault(chain, List.of());
    }
}
