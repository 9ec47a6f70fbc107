package io.vireo.benchmarks.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a JVM stopped all its threads, from its log of safepoints and collections.
 *
 * @param count stops for whatever reason
 * @param longestNs the longest, from the request until the threads ran again
 * @param collections of garbage that did something
 */
record Stops(int count, long longestNs, int collections) {
    private static final String FILE = "jvm.log";

    /** The option that has it written. */
    static final String JAVA_OPTION = "-Xlog:safepoint,gc:file=FOLDER/" + FILE + "::filecount=0";

    private static final Pattern STOP = Pattern.compile("\\[safepoint *] Safepoint .* Total: +([0-9]+) ns");
    private static final Pattern COLLECTION = Pattern.compile("\\[gc[^]]*] GC\\(([0-9]+)\\)");

    /** How many lines the log has by now. */
    static int position(LiveVireo vireo) throws IOException {
        return Files.readAllLines(log(vireo)).size();
    }

    /** What happened since a position. */
    static Stops since(int position, LiveVireo vireo) throws IOException {
        List<String> lines = Files.readAllLines(log(vireo));
        return of(lines.subList(position, lines.size()));
    }

    private static Path log(LiveVireo vireo) {
        return vireo.file(FILE);
    }

    static Stops of(List<String> lines) {
        int count = 0;
        long longestNs = 0;
        Set<String> collections = new HashSet<>();
        for (String line : lines) {
            Matcher stop = STOP.matcher(line);
            if (stop.find()) {
                count++;
                longestNs = Math.max(longestNs, Long.parseLong(stop.group(1)));
            }
            Matcher collection = COLLECTION.matcher(line);
            if (collection.find()) {
                collections.add(collection.group(1));
            }
        }
        return new Stops(count, longestNs, collections.size());
    }
}
