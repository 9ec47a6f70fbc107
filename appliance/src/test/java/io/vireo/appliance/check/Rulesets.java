package io.vireo.appliance.check;

/** Parts of what {@code nft -j list ruleset} of version 1.0.6 prints. */
final class Rulesets {
    /** A rule of chain postrouting for 10.0.0.0/24, as the check proposes it. */
    static final String MASQUERADE =
            rule("postrouting", source("10.0.0.0", 24) + ", " + outBy("!=", "vireo0") + ", {\"masquerade\": null}");

    private Rulesets() {}

    static String of(String... items) {
        return "{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\", \"release_name\": \"Lester Gooch #5\", "
                + "\"json_schema_version\": 1}}, {\"table\": {\"family\": \"ip\", \"name\": \"vireo\", \"handle\": 1}}, "
                + String.join(", ", items) + "]}\n";
    }

    static String nat(String chain) {
        return "{\"chain\": {\"family\": \"ip\", \"table\": \"vireo\", \"name\": \"" + chain + "\", \"handle\": 1, "
                + "\"type\": \"nat\", \"hook\": \"postrouting\", \"prio\": 100, \"policy\": \"accept\"}}";
    }

    static String forward(String family, String table, String chain, String policy) {
        return "{\"chain\": {\"family\": \"" + family + "\", \"table\": \"" + table + "\", \"name\": \"" + chain
                + "\", \"handle\": 1, \"type\": \"filter\", \"hook\": \"forward\", \"prio\": 0, \"policy\": \"" + policy
                + "\"}}";
    }

    static String rule(String chain, String expressions) {
        return "{\"rule\": {\"family\": \"ip\", \"table\": \"vireo\", \"chain\": \"" + chain
                + "\", \"handle\": 2, \"expr\": [" + expressions + "]}}";
    }

    static String source(String address, int length) {
        return field("saddr", "==", "{\"prefix\": {\"addr\": \"" + address + "\", \"len\": " + length + "}}");
    }

    static String field(String field, String operator, String right) {
        return match(operator, "{\"payload\": {\"protocol\": \"ip\", \"field\": \"" + field + "\"}}", right);
    }

    static String outBy(String operator, String name) {
        return meta("oifname", operator, "\"" + name + "\"");
    }

    static String meta(String key, String operator, String right) {
        return match(operator, "{\"meta\": {\"key\": \"" + key + "\"}}", right);
    }

    static String match(String operator, String left, String right) {
        return "{\"match\": {\"op\": \"" + operator + "\", \"left\": " + left + ", \"right\": " + right + "}}";
    }
}
