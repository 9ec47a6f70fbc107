package io.vireo.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What Jazzer calls, by the names it has for it. */
public final class JazzerEntry {
    /** Holds the length of the input under way, and the input: the file survives a crash of the JVM, which tells nothing. */
    static final String LAST = "last";

    private static final int LARGEST = 1 << 16;

    private static FuzzTarget target = _ -> {};
    private static ByteBuffer last = ByteBuffer.allocate(LARGEST);

    private JazzerEntry() {}

    /** @param arguments the name of one of {@link Targets} */
    public static void fuzzerInitialize(String[] arguments) throws Exception {
        try (FileChannel file = FileChannel.open(
                Path.of(LAST), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            last = file.map(FileChannel.MapMode.READ_WRITE, 0, LARGEST);
        }
        target = Targets.make(arguments[0]);
        for (byte[] seed : target.seeds()) {
            target.run(new Input(seed)); // classes are loaded, and instrumented, before any input's time counts
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        last.clear().putInt(input.length).put(input, 0, Math.min(input.length, LARGEST - Integer.BYTES));
        target.run(new Input(input));
    }

    /** The input that was under way when a process ended. */
    static byte[] last(byte[] file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(file);
        int length = bytes.remaining() < Integer.BYTES ? -1 : bytes.getInt();
        if (length < 0 || length > bytes.remaining()) {
            throw new IOException("no input was under way");
        }
        byte[] input = new byte[length];
        bytes.get(input);
        return input;
    }
}
