package io.vireo.appliance.check;

import io.vireo.appliance.check.Ruleset.Base;
import io.vireo.appliance.check.Ruleset.Chain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code iptables-save} prints, told as nft would tell it. */
final class IptablesText {
    private static final String FAMILY = "ip";
    private static final Set<String> VERDICTS = Set.of("ACCEPT", "DROP", "RETURN");

    /** Options that restrict nothing. */
    private static final Set<String> WORDS_TO_SKIP = Set.of("--comment", "--to-source", "--to-ports");

    private final List<Base> bases = new ArrayList<>();
    private final Map<Chain, List<List<Json>>> rules = new HashMap<>();
    private String table = "";

    private IptablesText() {}

    static Ruleset parse(String text) {
        IptablesText all = new IptablesText();
        text.lines().forEach(all::readLine);
        return new Ruleset(all.bases, all.rules);
    }

    private void readLine(String line) {
        if (line.startsWith("*")) {
            table = line.substring(1).strip();
        } else if (line.startsWith(":")) {
            String[] words = line.substring(1).split(" ", -1);
            if (words.length >= 2 && !words[1].equals("-")) {
                String hook = words[0].toLowerCase(Locale.ROOT);
                bases.add(new Base(new Chain(FAMILY, table, words[0]), table, hook, words[1].toLowerCase(Locale.ROOT)));
            }
        } else if (line.startsWith("-A ")) {
            Iterator<String> words = words(line).iterator();
            words.next();
            if (words.hasNext()) {
                Chain chain = new Chain(FAMILY, table, words.next());
                rules.computeIfAbsent(chain, _ -> new ArrayList<>()).add(expressions(words));
            }
        }
    }

    /** The words of a line, of which those in quotes may have spaces. */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char c : (line + " ").toCharArray()) {
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ' ' && !quoted) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                }
                word.setLength(0);
            } else {
                word.append(c);
            }
        }
        return words;
    }

    private static List<Json> expressions(Iterator<String> words) {
        List<Json> expressions = new ArrayList<>();
        String operator = "==";
        while (words.hasNext()) {
            String word = words.next();
            if (word.equals("!")) {
                operator = "!=";
                continue;
            }
            if (!word.startsWith("-") || !words.hasNext()) {
                continue; // one more value of the option before, or an option without any
            }
            Object expression = expression(word, operator, words.next());
            if (expression != null) {
                expressions.add(new Json(expression));
            }
            operator = "==";
        }
        return expressions;
    }

    /** Null where it restricts nothing. Matches that are not known are told as such: they may hold or not. */
    private static @Nullable Object expression(String option, String operator, String value) {
        return switch (option) {
            case "-s" -> match(operator, Map.of("payload", Map.of("protocol", "ip", "field", "saddr")), prefix(value));
            case "-d" -> match(operator, Map.of("payload", Map.of("protocol", "ip", "field", "daddr")), prefix(value));
            case "-o" -> match(operator, Map.of("meta", Map.of("key", "oifname")), value.replace('+', '*'));
            case "-i" -> match(operator, Map.of("meta", Map.of("key", "iifname")), value.replace('+', '*'));
            case "-j", "-g" -> target(value);
            case "-m" -> value.equals("comment") ? null : Map.of("unknown", value);
            default -> WORDS_TO_SKIP.contains(option) ? null : Map.of("unknown", option);
        };
    }

    private static Object match(String operator, Object left, Object right) {
        return Map.of("match", Map.of("op", operator, "left", left, "right", right));
    }

    private static Object prefix(String text) {
        int slash = text.indexOf('/');
        String length = slash < 0 ? "32" : text.substring(slash + 1);
        return Map.of("prefix", Map.of("addr", slash < 0 ? text : text.substring(0, slash), "len", length));
    }

    private static Object target(String name) {
        return switch (name) {
            case "MASQUERADE", "SNAT" -> Map.of("masquerade", true);
            default ->
                VERDICTS.contains(name)
                        ? Map.of(name.toLowerCase(Locale.ROOT), true)
                        : Map.of("jump", Map.of("target", name));
        };
    }
}
