package io.vireo.harness.demo;

import io.vireo.appliance.Logging;
import io.vireo.appliance.Main;
import io.vireo.appliance.Subcommand;
import io.vireo.harness.guests.Guest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jnr.constants.platform.Signal;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The run that the build records for the JVM's ahead-of-time cache: {@code vireo run} as users start it, inside this
 * process, with guests that send every kind of frame. What is loaded here starts fast, and what is executed here is in the
 * profiles that the compiler begins with.
 */
@Command(
        name = "train",
        hidden = true,
        description = "Runs the appliance with guests of its own, for the build to record.")
public final class TrainCommand implements Subcommand {
    private static final long TIMEOUT_S = 10;
    private static final String CONFIG = """
            runtime-dir: FOLDER
            state-dir: FOLDER/state
            socket-mode: "0660"
            networks:
              - name: subnet
                ipv4: 10.0.0.0/24
                addressing: subnet
                ipv4-pool: 10.0.0.100-10.0.0.199
                ipv6: 2001:db8:1::/48
                delegation: {prefix: 2001:db8:8000::/36, length: 56}
                dns: [1.1.1.1, 2001:db8::53]
                search: [example.com]
              - name: routed
                ipv4: 10.0.1.0/24
                addressing: routed
                ipv6: 2001:db8:2::/64
                ipv6-addressing: dhcpv6
                delegation: {prefix: 2001:db8:9000::/36, length: 56}
                dns: [1.1.1.1, 2001:db8::53]
            guests:
              - {name: s1, network: subnet, mac: "52:54:00:12:34:01"}
              - {name: s2, network: subnet, mac: "52:54:00:12:34:02"}
              - {name: r1, network: routed, mac: "52:54:00:12:34:03", ipv4: 10.0.1.5}
              - {name: r2, network: routed, mac: "52:54:00:12:34:04", ipv4: 10.0.1.6}
            """;

    @Override
    public Integer call() throws Exception {
        Logging.setQuiet();
        Path folder = Files.createTempDirectory("vireo-train-");
        Path config = folder.resolve("vireo.yaml");
        try {
            Files.writeString(config, CONFIG.replace("FOLDER", folder.toString()));
            train(config);
        } finally {
            Guest.deleteTree(folder);
        }
        return 0;
    }

    private static void train(Path config) throws Exception {
        FutureTask<Void> ready = new FutureTask<>(() -> {}, null);
        CommandLine vireo = Main.commandLine()
                .setOut(new PrintWriter(new Trigger(ready), true))
                .setErr(new PrintWriter(Writer.nullWriter()));
        FutureTask<Integer> run = new FutureTask<>(() -> vireo.execute("run", "--config", config.toString()));
        Thread.ofPlatform().daemon().name("train").start(run);
        try {
            ready.get(TIMEOUT_S, TimeUnit.SECONDS);
            Path folder = config.toAbsolutePath().resolveSibling("");
            Training.between(folder.resolve("s1.sock"), folder.resolve("s2.sock"));
            Training.between(folder.resolve("r1.sock"), folder.resolve("r2.sock"));
        } finally {
            end(run);
        }
    }

    /** As a user ends it. */
    private static void end(FutureTask<Integer> run) throws InterruptedException, ExecutionException, TimeoutException {
        if (!run.isDone()) {
            POSIX posix = POSIXFactory.getNativePOSIX();
            posix.kill(posix.getpid(), Signal.SIGUSR1.intValue());
            posix.kill(posix.getpid(), Signal.SIGTERM.intValue());
        }
        int code = run.get(TIMEOUT_S, TimeUnit.SECONDS);
        if (code != 0) {
            throw new IllegalStateException("run ended with " + code);
        }
    }

    /** Runs something at the first thing that is written. */
    private static final class Trigger extends Writer {
        private final Runnable action;

        Trigger(Runnable action) {
            this.action = action;
        }

        @Override
        public void write(char[] text, int offset, int length) {
            action.run();
        }

        @Override
        public void flush() throws IOException {}

        @Override
        public void close() throws IOException {}
    }
}
