package io.vireo.appliance.check;

import static io.vireo.appliance.check.Rulesets.field;
import static io.vireo.appliance.check.Rulesets.meta;
import static io.vireo.appliance.check.Rulesets.nat;
import static io.vireo.appliance.check.Rulesets.outBy;
import static io.vireo.appliance.check.Rulesets.rule;
import static io.vireo.appliance.check.Rulesets.source;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which firewalls translate the packets of 10.0.0.0/24 that come in by vireo0. */
class NatRulesTest {
    private static final String MASQUERADE = "{\"masquerade\": null}";
    private static final String OWN = source("10.0.0.0", 24) + ", ";

    private static Cover cover(Ruleset ruleset) {
        return new NatRules(ruleset, Ipv4Prefix.parse("10.0.0.0/24"), "vireo0").cover();
    }

    private static Cover nft(String... items) {
        return cover(Ruleset.ofNft(Rulesets.of(items)).orElseThrow());
    }

    @ParameterizedTest
    @MethodSource
    void sourcesAreComparedAsRanges(String right, Cover expected) {
        String expressions = field("saddr", "==", right) + ", " + MASQUERADE;

        assertEquals(expected, nft(nat("postrouting"), rule("postrouting", expressions)));
    }

    static Stream<Arguments> sourcesAreComparedAsRanges() {
        return Stream.of(
                Arguments.of("{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 24}}", Cover.YES),
                Arguments.of("{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 8}}", Cover.YES),
                Arguments.of("{\"prefix\": {\"addr\": \"0.0.0.0\", \"len\": 0}}", Cover.YES),
                Arguments.of("{\"prefix\": {\"addr\": \"10.0.0.128\", \"len\": 25}}", Cover.MAYBE),
                Arguments.of("{\"prefix\": {\"addr\": \"10.0.1.0\", \"len\": 24}}", Cover.NO),
                Arguments.of("{\"range\": [\"10.0.0.0\", \"10.0.0.255\"]}", Cover.YES),
                Arguments.of("{\"range\": [\"10.0.0.0\", \"10.0.0.254\"]}", Cover.MAYBE),
                Arguments.of("\"10.0.0.7\"", Cover.MAYBE),
                Arguments.of("\"10.0.1.7\"", Cover.NO),
                Arguments.of(
                        "{\"set\": [\"10.0.1.7\", {\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 16}}]}", Cover.YES),
                Arguments.of("{\"set\": [{\"range\": [\"10.1.0.0\", \"10.2.0.255\"]}]}", Cover.NO),
                Arguments.of("\"@guests\"", Cover.MAYBE),
                Arguments.of("{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 99}}", Cover.MAYBE));
    }

    @ParameterizedTest
    @MethodSource
    void conditionsCount(String expressions, Cover expected) {
        assertEquals(expected, nft(nat("postrouting"), rule("postrouting", expressions + ", " + MASQUERADE)));
    }

    static Stream<Arguments> conditionsCount() {
        return Stream.of(
                Arguments.of("{\"counter\": {\"packets\": 0, \"bytes\": 0}}", Cover.YES),
                Arguments.of(OWN + outBy("!=", "vireo0"), Cover.YES),
                Arguments.of(OWN + outBy("==", "eth0"), Cover.YES),
                Arguments.of(OWN + outBy("==", "vireo0"), Cover.NO),
                Arguments.of(OWN + outBy("==", "vireo*"), Cover.NO),
                Arguments.of(OWN + outBy("!=", "eth0"), Cover.MAYBE),
                Arguments.of(OWN + meta("iifname", "==", "\"vireo0\""), Cover.YES),
                Arguments.of(OWN + meta("iifname", "==", "\"docker0\""), Cover.NO),
                Arguments.of(OWN + meta("iifname", "!=", "\"docker0\""), Cover.YES),
                Arguments.of(OWN + meta("iifname", "==", "\"@inner\""), Cover.MAYBE),
                Arguments.of(OWN + meta("l4proto", "==", "\"tcp\""), Cover.MAYBE),
                Arguments.of(OWN + meta("nfproto", "==", "\"ipv4\""), Cover.YES),
                Arguments.of(meta("nfproto", "==", "\"ipv6\""), Cover.NO),
                Arguments.of(
                        OWN + field("daddr", "!=", "{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 24}}"), Cover.YES),
                Arguments.of(
                        OWN + field("daddr", "==", "{\"prefix\": {\"addr\": \"192.0.2.0\", \"len\": 24}}"),
                        Cover.MAYBE),
                Arguments.of(field("saddr", "!=", "{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 24}}"), Cover.NO),
                Arguments.of(field("saddr", "!=", "{\"prefix\": {\"addr\": \"10.1.0.0\", \"len\": 16}}"), Cover.YES),
                Arguments.of(OWN + "{\"limit\": {\"rate\": 1, \"per\": \"second\"}}", Cover.MAYBE),
                Arguments.of(OWN + "{\"xt\": {\"type\": \"match\", \"name\": \"addrtype\"}}", Cover.MAYBE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                MASQUERADE,
                "{\"snat\": {\"addr\": \"192.0.2.1\"}}",
                "{\"xt\": {\"type\": \"target\", \"name\": \"MASQUERADE\"}}",
                "{\"xt\": {\"type\": \"target\", \"name\": \"SNAT\"}}"
            })
    void threeWaysTranslate(String expression) {
        assertEquals(Cover.YES, nft(nat("postrouting"), rule("postrouting", OWN + expression)));
    }

    @Test
    void onlyChainsThatPacketsComeToCount() {
        assertEquals(Cover.NO, nft(rule("postrouting", OWN + MASQUERADE)));
        assertEquals(Cover.NO, nft(nat("postrouting"), rule("other", OWN + MASQUERADE)));
        assertEquals(
                Cover.NO,
                nft(Rulesets.forward("ip", "vireo", "postrouting", "accept"), rule("postrouting", OWN + MASQUERADE)));
        assertEquals(
                Cover.NO, nft(nat("postrouting").replace("\"ip\"", "\"ip6\""), rule("postrouting", OWN + MASQUERADE)));
        assertEquals(Cover.NO, nft());
    }

    @Test
    void jumpsAreFollowedWithTheirConditions() {
        String sub = rule("sub", MASQUERADE);
        String jump = "{\"jump\": {\"target\": \"sub\"}}";

        assertEquals(Cover.YES, nft(nat("a"), rule("a", OWN + jump), sub));
        assertEquals(Cover.YES, nft(nat("a"), rule("a", OWN + "{\"goto\": {\"target\": \"sub\"}}"), sub));
        assertEquals(Cover.NO, nft(nat("a"), rule("a", source("10.3.0.0", 16) + ", " + jump), sub));
        assertEquals(Cover.NO, nft(nat("a"), rule("a", OWN + "{\"jump\": {\"target\": \"none\"}}"), sub));
        assertEquals(
                Cover.MAYBE,
                nft(
                        nat("a"),
                        rule(
                                "a",
                                "{\"vmap\": {\"key\": {\"meta\": {\"key\": \"oifname\"}}, \"data\": {\"set\": "
                                        + "[[\"eth0\", {\"goto\": {\"target\": \"sub\"}}]]}}}"),
                        sub));
    }

    @Test
    void aChainThatJumpsToItselfComesToAnEnd() {
        assertEquals(Cover.MAYBE, nft(nat("a"), rule("a", "{\"jump\": {\"target\": \"a\"}}")));
    }

    @Test
    void whatLeavesBeforeIsNotTranslated() {
        String masquerade = rule("a", MASQUERADE);

        assertEquals(Cover.NO, nft(nat("a"), rule("a", OWN + "{\"return\": null}"), masquerade));
        assertEquals(Cover.NO, nft(nat("a"), rule("a", "{\"accept\": null}"), masquerade));
        assertEquals(
                Cover.MAYBE,
                nft(nat("a"), rule("a", meta("l4proto", "==", "\"udp\"") + ", {\"accept\": null}"), masquerade));
        assertEquals(Cover.YES, nft(nat("a"), rule("a", source("10.9.0.0", 16) + ", {\"accept\": null}"), masquerade));
        assertEquals(Cover.YES, nft(nat("a"), masquerade, rule("a", "{\"accept\": null}")));
    }

    @ParameterizedTest
    @MethodSource
    void iptablesSaysTheSame(String rules, Cover expected) {
        String text = "# Generated by iptables-save v1.8.9 (nf_tables) on Sat Nov 21 18:30:15 2026\n"
                + "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:sub - [0:0]\n" + rules
                + "\nCOMMIT\n*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j MASQUERADE\nCOMMIT\n";

        assertEquals(expected, cover(IptablesText.parse(text)));
    }

    static Stream<Arguments> iptablesSaysTheSame() {
        String post = "-A POSTROUTING ";
        return Stream.of(
                Arguments.of("", Cover.NO),
                Arguments.of(post + "-s 10.0.0.0/24 ! -o vireo0 -j MASQUERADE", Cover.YES),
                Arguments.of(post + "-j MASQUERADE --random", Cover.YES),
                Arguments.of(post + "-s 10.0.0.0/24 -o eth+ -j SNAT --to-source 192.0.2.1", Cover.YES),
                Arguments.of(post + "-s 10.0.0.0/24 -o vireo+ -j MASQUERADE", Cover.NO),
                Arguments.of(post + "-s 10.4.0.0/16 -j MASQUERADE", Cover.NO),
                Arguments.of(post + "! -s 10.4.0.0/16 -j MASQUERADE", Cover.YES),
                Arguments.of(post + "-s 10.0.0.7 -j MASQUERADE", Cover.MAYBE),
                Arguments.of(post + "-s 10.0.0.0/24 -p tcp -m tcp --dport 80 -j MASQUERADE", Cover.MAYBE),
                Arguments.of(post + "-m set --match-set guests src -j MASQUERADE", Cover.MAYBE),
                Arguments.of(post + "-m comment --comment \"the world -j DROP\" -j MASQUERADE", Cover.YES),
                Arguments.of(post + "-s 10.0.0.0/24 -j sub\n-A sub -j MASQUERADE", Cover.YES),
                Arguments.of(post + "-j sub\n-A sub -d 10.0.0.0/8 -j RETURN\n-A sub -j MASQUERADE", Cover.MAYBE),
                Arguments.of(post + "-s 10.0.0.0/8 -j ACCEPT\n" + post + "-j MASQUERADE", Cover.NO),
                Arguments.of("-A PREROUTING -j MASQUERADE", Cover.NO),
                Arguments.of("-A", Cover.NO),
                Arguments.of("-A ", Cover.NO),
                Arguments.of(":", Cover.NO));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"nftables\": [", "\"\\q\"", "a: b", "{\"error\": 1}"})
    void whatIsNoRulesetIsNone(String text) {
        assertEquals(Optional.empty(), Ruleset.ofNft(text));
    }

    @Test
    void noTextWhateverIsInItDoesMoreThanSayNothing() {
        Random random = new Random(42);
        String nft = Rulesets.of(nat("postrouting"), Rulesets.MASQUERADE);
        String iptables = "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.0.0.0/24 ! -o vireo0 -j MASQUERADE\n";
        int known = 0;
        for (int i = 0; i < 3000; i++) {
            Optional<Ruleset> ruleset = Ruleset.ofNft(mutated(nft, random));
            ruleset.ifPresent(NatRulesTest::cover);
            known += ruleset.isPresent() ? 1 : 0;
            cover(IptablesText.parse(mutated(iptables, random)));
        }
        assertTrue(known > 300 && known < 3000, known + " of 3000 were rulesets");
    }

    private static String mutated(String text, Random random) {
        StringBuilder mutant = new StringBuilder(text);
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            mutant.setCharAt(random.nextInt(text.length()), (char) (' ' + random.nextInt(95)));
        }
        return mutant.toString();
    }
}
