package io.vireo.router.config;

import java.util.regex.Pattern;

/** Names of networks and guests appear in file names, log lines and counters, so that they hold nothing to escape. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    private Names() {}

    static String require(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + " name \"" + printable(name) + "\" does not match " + NAME.pattern());
        }
        return name;
    }

    private static String printable(String name) {
        return name.codePoints()
                .limit(80)
                .map(c -> c < ' ' || c > '~' ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
