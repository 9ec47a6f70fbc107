package io.vireo.appliance.config;

import java.nio.file.Path;

/**
 * One thing that is wrong with a configuration file.
 *
 * @param line from 1
 * @param key path of the key, such as {@code guests[0].mac}; empty for the file as a whole
 * @param allowed what may stand there instead
 */
public record ConfigProblem(Path file, int line, String key, String problem, String allowed) {
    private static final int MAX_LENGTH = 600;

    /**
     * One line, {@code FILE:LINE: key: problem; allowed: ...}. Parts of it may come from the file, so that whatever a
     * terminal could take for a command is shown as a question mark.
     */
    @Override
    public String toString() {
        String at = file + ":" + line + ": " + (key.isEmpty() ? "" : key + ": ");
        String text = at + problem + "; allowed: " + allowed;
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints()
                .limit(MAX_LENGTH)
                .map(c -> c == '\n' ? ' ' : Character.isISOControl(c) || isFormat(c) ? '?' : c)
                .forEach(printable::appendCodePoint);
        return printable.toString();
    }

    /** Such as the marks that reverse the direction of writing. */
    private static boolean isFormat(int codePoint) {
        return Character.getType(codePoint) == Character.FORMAT;
    }
}
