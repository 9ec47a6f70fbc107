package io.vireo.appliance.check;

import io.vireo.appliance.check.Ruleset.Base;
import io.vireo.appliance.check.Ruleset.Chain;
import io.vireo.protocols.ipv4.Ipv4Prefix;
import java.util.ArrayList;
import java.util.List;

/** Whether a firewall gives packets of guests an address of the host on their way out. */
final class NatRules {
    /** The kernel allows no deeper jumps (NFT_JUMP_STACK_SIZE). */
    private static final int MAX_DEPTH = 16;

    private final Ruleset ruleset;
    private final RuleMatch match;

    /** @param tun the interface that the packets come in by, and do not go out by */
    NatRules(Ruleset ruleset, Ipv4Prefix source, String tun) {
        this.ruleset = ruleset;
        match = new RuleMatch(source, tun);
    }

    Cover cover() {
        Cover cover = Cover.NO;
        for (Base base : ruleset.bases()) {
            if (base.type().equals("nat")
                    && base.hook().equals("postrouting")
                    && base.chain().isIpv4()) {
                cover = cover.or(chain(base.chain(), 0));
            }
        }
        return cover;
    }

    private Cover chain(Chain chain, int depth) {
        if (depth == MAX_DEPTH) {
            return Cover.MAYBE;
        }
        Cover cover = Cover.NO;
        Cover reached = Cover.YES; // whether packets come to the rule at all
        for (List<Json> rule : ruleset.rulesOf(chain)) {
            Cover applies = reached;
            Cover translates = Cover.NO;
            boolean ends = false;
            for (Json expression : rule) {
                applies = applies.and(match.holds(expression));
                translates = translates.or(translates(expression, chain, depth));
                ends |= expression.has("accept") || expression.has("return") || expression.has("drop");
            }
            cover = cover.or(applies.and(translates));
            if (ends) {
                reached = reached.and(applies.not());
            }
        }
        return cover;
    }

    private Cover translates(Json expression, Chain chain, int depth) {
        Json xt = expression.get("xt"); // a rule of iptables
        boolean isXt = xt.get("type").text().equals("target")
                && List.of("MASQUERADE", "SNAT").contains(xt.get("name").text());
        if (isXt || expression.has("masquerade") || expression.has("snat")) {
            return Cover.YES;
        }
        Cover cover = Cover.NO;
        for (String target : targets(expression)) {
            cover = cover.or(chain(chain.sibling(target), depth + 1));
        }
        return expression.has("vmap") ? cover.and(Cover.MAYBE) : cover;
    }

    /** The chains that an expression may lead to, wherever in it they are. */
    private static List<String> targets(Json expression) {
        List<String> targets = new ArrayList<>();
        for (String verdict : List.of("jump", "goto")) {
            String target = expression.get(verdict).get("target").text();
            if (!target.isEmpty()) {
                targets.add(target);
            }
        }
        expression.children().forEach(child -> targets.addAll(targets(child)));
        return targets;
    }
}
