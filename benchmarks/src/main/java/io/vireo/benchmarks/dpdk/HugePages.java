package io.vireo.benchmarks.dpdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's pool of huge pages, with as many as are needed while this is open; then it is as large as before. */
final class HugePages implements AutoCloseable {
    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path POOL = Path.of("/proc/sys/vm/nr_hugepages");

    private final long before;
    private final long reserved;

    private HugePages(long before, long reserved) {
        this.before = before;
        this.reserved = reserved;
    }

    /** @throws IOException if there are fewer free ones and the pool cannot be enlarged; it says what to do */
    static HugePages reserve(long bytes) throws IOException {
        String memory = Files.readString(MEMORY);
        long pageSize = value(memory, "Hugepagesize") * 1024;
        long total = value(memory, "HugePages_Total");
        long needed = (bytes + pageSize - 1) / pageSize;
        long missing = needed - value(memory, "HugePages_Free");
        if (missing <= 0) {
            return new HugePages(total, 0);
        }
        String cure = "%d free huge pages of %d KiB are needed: echo %d > %s, as root"
                .formatted(needed, pageSize / 1024, total + missing, POOL);
        if (!Files.isWritable(POOL)) {
            throw new IOException(cure);
        }
        HugePages pages = new HugePages(total, missing);
        Files.writeString(POOL, Long.toString(total + missing));
        if (value(Files.readString(MEMORY), "HugePages_Free") < needed) {
            pages.close();
            throw new IOException(cure + "; just now the kernel does not find the memory");
        }
        return pages;
    }

    /** By how many the pool was enlarged. */
    long reserved() {
        return reserved;
    }

    static long value(String memory, String key) throws IOException {
        Matcher matcher =
                Pattern.compile("^" + key + ":\\s+(\\d+)", Pattern.MULTILINE).matcher(memory);
        if (!matcher.find()) {
            throw new IOException(MEMORY + " has no " + key + ": the kernel has no huge pages");
        }
        return Long.parseLong(matcher.group(1));
    }

    @Override
    public void close() throws IOException {
        if (reserved > 0) {
            Files.writeString(POOL, Long.toString(before));
        }
    }
}
