package io.vireo.appliance.config;

import java.util.List;

/** Finds the key that was probably meant. */
final class Nearest {
    private static final int MAX_DISTANCE = 2;
    private static final int MAX_LENGTH = 32;

    private Nearest() {}

    /** {@code , did you mean "guests"?} or nothing. */
    static String hint(String name, List<Key> keys) {
        if (name.length() > MAX_LENGTH) {
            return "";
        }
        String nearest = "";
        int least = MAX_DISTANCE + 1;
        for (Key key : keys) {
            int distance = distance(name, key.text);
            if (distance < least) {
                least = distance;
                nearest = key.text;
            }
        }
        return nearest.isEmpty() ? "" : ", did you mean \"" + nearest + "\"?";
    }

    /** Levenshtein's distance, a row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
