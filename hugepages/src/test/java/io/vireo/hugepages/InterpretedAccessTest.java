package io.vireo.hugepages;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vireo.linux.Memory;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What is interpreted calls the JVM's own functions for an access, and on a page that is gone its signal handler has to decode
 * what a C++ compiler made of them. It does not know all of it, and ends the process then.
 */
@Timeout(60)
class InterpretedAccessTest {
    private static final int SIZE = 8192;
    private static final byte[] BYTES = new byte[1000];

    @Test
    void onAPageThatIsGoneIsAnError() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--"))
                .forEach(command::add);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        command.addAll(List.of("-Xint", "-XX:-CreateCoredumpOnCrash", "-XX:ErrorFile=/dev/null", "-cp", classPath));
        command.add(Accesses.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertEquals(
                accesses().size(),
                output.lines().filter(line -> line.endsWith(": an error")).count(),
                output);
    }

    private static Map<String, LongConsumer> accesses() {
        Map<String, LongConsumer> all = new LinkedHashMap<>();
        all.put("getByte", HostMemory::getByte);
        all.put("getShort", HostMemory::getShort);
        all.put("getInt", HostMemory::getInt);
        all.put("getLong", HostMemory::getLong);
        all.put("getLong, unaligned", address -> HostMemory.getLong(address + 1));
        all.put("getShortAcquire", HostMemory::getShortAcquire);
        all.put("getLongAcquire", HostMemory::getLongAcquire);
        all.put("putByte", address -> HostMemory.putByte(address, (byte) 1));
        all.put("putShort", address -> HostMemory.putShort(address, (short) 1));
        all.put("putInt", address -> HostMemory.putInt(address, 1));
        all.put("putLong", address -> HostMemory.putLong(address, 1));
        all.put("putLong, unaligned", address -> HostMemory.putLong(address + 1, 1));
        all.put("putShortRelease", address -> HostMemory.putShortRelease(address, (short) 1));
        all.put("putLongRelease", address -> HostMemory.putLongRelease(address, 1));
        for (int length : new int[] {1, 7, 40, 100, 1000}) {
            all.put("read " + length, address -> HostMemory.read(address, BYTES, 0, length));
            all.put("write " + length, address -> HostMemory.write(BYTES, 0, address, length));
            all.put("copy " + length, address -> HostMemory.copy(address, address + SIZE / 2, length));
        }
        return all;
    }

    /** Each access once, on memory whose file was cut. */
    static final class Accesses {
        private Accesses() {}

        public static void main(String[] args) throws Exception {
            for (Map.Entry<String, LongConsumer> access : accesses().entrySet()) {
                try (SharedMemory memory = SharedMemory.allocate("gone", SIZE, false)) {
                    Memory.truncate(memory.fd(), 0);
                    System.out.println(
                            access.getKey() + ": " + (isAnError(access.getValue(), memory) ? "an error" : "none"));
                }
            }
        }

        /** The error may come a little later than the access. */
        private static boolean isAnError(LongConsumer access, SharedMemory memory) {
            try {
                access.accept(memory.address());
                for (int i = 0; i < 1000; i++) {
                    Thread.onSpinWait();
                }
                return false;
            } catch (InternalError e) {
                return true;
            }
        }
    }
}
