package io.vireo.appliance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jnr.constants.platform.Signal;
import jnr.posix.POSIXFactory;
import org.jspecify.annotations.Nullable;

/**
 * {@code vireo} in a process of its own, on this process's class path and with its JVM's flags. {@link #close} ends it
 * whatever it is doing.
 */
final class VireoProcess implements AutoCloseable {
    private static final int MAX_SECONDS = 60;

    private final Process process;
    private final BufferedReader out;
    private final Path err;

    private VireoProcess(Process process, Path err) {
        this.process = process;
        this.err = err;
        out = process.inputReader(UTF_8);
    }

    /** @param err where its stderr goes */
    static VireoProcess start(Path err, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // Whoever runs the tests in a shell's background has it ignore SIGINT, and so would the JVM.
        command.addAll(List.of("env", "--default-signal=INT"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            // Those that Vireo needs, not those of a debugger.
            if (flag.matches("--(add-|enable-native-access|sun-misc).*")) {
                command.add(flag);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return new VireoProcess(
                new ProcessBuilder(command).redirectError(err.toFile()).start(), err);
    }

    /** The next line on stdout, or null if there is none. */
    @Nullable
    String line() throws IOException {
        return out.readLine();
    }

    void signal(Signal signal) {
        int pid = Math.toIntExact(process.pid());
        if (POSIXFactory.getNativePOSIX().kill(pid, signal.intValue()) != 0) {
            throw new IllegalStateException("no process " + pid);
        }
    }

    /** 128 and the signal's number, if one has ended it (the JDK's convention). */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + MAX_SECONDS + " s");
        }
        return process.exitValue();
    }

    /** Waits until something has been printed on stderr. */
    void awaitErr(String text) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
        while (!err().contains(text)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() > deadlineNs) {
                throw new AssertionError("\"" + text + "\" is not in: " + err());
            }
        }
    }

    String err() throws IOException {
        return Files.readString(err);
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        out.close();
    }
}
