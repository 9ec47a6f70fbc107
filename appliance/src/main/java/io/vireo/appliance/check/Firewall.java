package io.vireo.appliance.check;

import io.vireo.appliance.check.Ruleset.Base;
import io.vireo.appliance.check.Ruleset.Chain;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** All rules of the host, of which the kernel may have two kinds: nftables, and iptables of old. */
final class Firewall {
    private final List<Ruleset> rulesets;
    private final boolean hasNft;

    private Firewall(List<Ruleset> rulesets, boolean hasNft) {
        this.rulesets = rulesets;
        this.hasNft = hasNft;
    }

    static Firewall of(Machine machine) {
        List<Ruleset> rulesets = new ArrayList<>();
        List<Ruleset> nft = list(machine, "nft", "-j", "list", "ruleset")
                .flatMap(text -> Ruleset.ofNft(text).stream())
                .toList();
        rulesets.addAll(nft);
        if (nft.isEmpty()) {
            list(machine, "iptables-save").map(IptablesText::parse).forEach(rulesets::add);
        }
        list(machine, "iptables-legacy-save").map(IptablesText::parse).forEach(rulesets::add);
        return new Firewall(rulesets, !nft.isEmpty());
    }

    private static Stream<String> list(Machine machine, String program, String... arguments) {
        return machine
                .run(program, arguments)
                .filter(output -> output.exitCode() == 0)
                .map(Machine.Output::text)
                .stream();
    }

    /** Whether its rules could be listed at all. */
    boolean isKnown() {
        return !rulesets.isEmpty();
    }

    boolean hasNft() {
        return hasNft;
    }

    Cover translates(Ipv4Prefix source, String tun) {
        return rulesets.stream()
                .map(rules -> new NatRules(rules, source, tun).cover())
                .reduce(Cover.NO, Cover::or);
    }

    /** The chains that drop forwarded packets which no rule accepts, in rulesets none of which is about the interface. */
    List<Chain> dropping(String tun) {
        return rulesets.stream()
                .filter(rules ->
                        rules.rules().values().stream().flatMap(List::stream).noneMatch(rule -> accepts(rule, tun)))
                .flatMap(rules -> rules.bases().stream())
                .filter(base -> base.hook().equals("forward")
                        && base.policy().equals("drop")
                        && !base.chain().family().equals("bridge"))
                .map(Base::chain)
                .toList();
    }

    /** Whether a rule that names the interface may accept something; what, is its author's matter. */
    private static boolean accepts(List<Json> rule, String tun) {
        return rule.stream().anyMatch(expression -> names(expression, tun))
                && rule.stream()
                        .anyMatch(its -> its.has("accept") || its.has("jump") || its.has("goto") || its.has("vmap"));
    }

    private static boolean names(Json json, String tun) {
        return json.text().equals(tun) || json.children().anyMatch(child -> names(child, tun));
    }
}
