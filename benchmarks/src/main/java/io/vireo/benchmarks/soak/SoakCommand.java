package io.vireo.benchmarks.soak;

import io.vireo.benchmarks.live.LiveVireo;
import io.vireo.benchmarks.support.PositiveNumber;
import io.vireo.harness.guests.Guest;
import io.vireo.harness.guests.GuestConfig;
import io.vireo.harness.guests.GuestException;
import io.vireo.harness.guests.QemuGuest;
import io.vireo.harness.guests.UserModeLinux;
import io.vireo.harness.packets.Packets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Four guests with mixed load and a hostile fifth, for long. */
@Command(
        name = "soak",
        description = {
            "Loads four guests for long, with a hostile fifth beside them, and fails if anything was lost that Vireo did not"
                    + " count, or if Vireo grew.",
            "",
            "g1 and g2 are user-mode Linux and talk TCP with iperf3, 100 Mbit/s in turn in each direction, while g1 pings"
                    + " the gateway; g3 is in QEMU and pings g1; g4 is the harness's and asks the gateway for 200 echoes a"
                    + " second. g5 connects, sends messages without sense, writes into its own rings, floods, cuts its memory"
                    + " file, leaves, and begins again. Vireo's files, threads, mappings and memory are looked at a"
                    + " sixth into the time and at the end, while g5 is away.",
            "",
            "Needs root and the Debian packages user-mode-linux, busybox-static, iperf3, qemu-system-x86 and"
                    + " linux-image-amd64.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class SoakCommand implements Callable<Integer> {
    private static final int GUESTS = 5;
    private static final int REPORTS = 6;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern STATISTICS = Pattern.compile("(\\d+) packets transmitted, (\\d+) packets received");
    private static final Pattern DROPS = Pattern.compile("^g[134] \\S*-drop-\\S* (\\d+)$");

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            defaultValue = "3600",
            paramLabel = "N",
            description = "How long; an hour by default.")
    private int seconds;

    @Option(names = "--seed", paramLabel = "N", description = "What g5 does follows from it; another each time.")
    private long seed = System.nanoTime();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private volatile boolean pausing;
    private volatile boolean paused;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        try (LiveVireo vireo = LiveVireo.start(GUESTS, "", List.of("-Xmx512m"));
                Guest g1 = boot(vireo, 1);
                Guest g2 = boot(vireo, 2);
                Guest g3 = QemuGuest.start(config(vireo, 3));
                EchoLoad g4 = new EchoLoad(vireo, 4);
                ExecutorService threads = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().factory())) {
            for (Guest guest : List.of(g1, g2, g3)) {
                guest.lease();
            }
            say("five guests, %d s, seed %d", seconds, seed);
            load(g1, g2, g3);
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            Future<?> echoes = threads.submit(() -> {
                g4.run(endNs);
                return null;
            });
            HostileGuest g5 = new HostileGuest(vireo.socket(GUESTS), seed, hostileFrame());
            Future<?> hostility = threads.submit(() -> beHostile(g5, endNs));
            Vitals warm = watch(vireo, g5, endNs);
            echoes.get();
            hostility.get();
            return judge(vireo, warm, List.of(g1, g3), g4, g5);
        }
    }

    private static GuestConfig config(LiveVireo vireo, int number) {
        return GuestConfig.of("g" + number)
                .withMemory(128)
                .withIperf3()
                .withLink(vireo.socket(number), Packets.mac(LiveVireo.mac(number)));
    }

    private static Guest boot(LiveVireo vireo, int number) throws IOException {
        return UserModeLinux.start(config(vireo, number));
    }

    private static void load(Guest g1, Guest g2, Guest g3) throws GuestException {
        String first = LiveVireo.address(1).getHostAddress();
        String second = LiveVireo.address(2).getHostAddress();
        g2.run("iperf3 -s -D", SOON);
        g1.run(
                "while :; do iperf3 -c %1$s -t 10 -b 100M; iperf3 -c %1$s -t 10 -b 100M -R; done > /tmp/iperf3 2>&1 &"
                        .formatted(second),
                SOON);
        g1.run("ping -i 0.1 10.0.0.1 > /tmp/pings & echo $! > /tmp/ping.pid", SOON);
        g3.run("ping -i 0.1 " + first + " > /tmp/pings & echo $! > /tmp/ping.pid", SOON);
    }

    /** Something that g5 may send, and is answered itself: what it sends to others would be lost there, rightly. */
    private static byte[] hostileFrame() {
        return Packets.createIcmpEchoRequest(
                Packets.mac(LiveVireo.mac(GUESTS)),
                Packets.mac("02:00:00:00:00:01"),
                LiveVireo.address(GUESTS),
                Packets.ip("10.0.0.1"),
                1);
    }

    private void beHostile(HostileGuest guest, long endNs) {
        while (System.nanoTime() - endNs < 0) {
            paused = pausing;
            if (paused) {
                LockSupport.parkNanos(1_000_000);
            } else {
                guest.act();
            }
        }
        paused = true;
    }

    /** Reports now and then. @return what Vireo held at the first report */
    private Vitals watch(LiveVireo vireo, HostileGuest hostile, long endNs) throws IOException, InterruptedException {
        long stepNs = TimeUnit.SECONDS.toNanos(seconds) / REPORTS;
        Vitals first = null;
        for (int report = REPORTS - 1; report > 0; report--) {
            TimeUnit.NANOSECONDS.sleep(endNs - report * stepNs - System.nanoTime());
            Vitals now = look(vireo);
            first = first == null ? now : first;
            say("%d s left: %s; %d hostile deeds", report * stepNs / 1_000_000_000, now, hostile.deeds());
        }
        TimeUnit.NANOSECONDS.sleep(endNs - System.nanoTime());
        return first == null ? look(vireo) : first;
    }

    private Vitals look(LiveVireo vireo) throws IOException, InterruptedException {
        pausing = true;
        try {
            while (!paused) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            TimeUnit.SECONDS.sleep(1); // its last session ends
            return Vitals.of(vireo.pid());
        } finally {
            pausing = false;
        }
    }

    private int judge(LiveVireo vireo, Vitals warm, List<Guest> pinging, EchoLoad echoes, HostileGuest hostile)
            throws IOException, InterruptedException {
        Vitals last = look(vireo);
        long sent = echoes.sent();
        long lost = echoes.lost();
        for (Guest guest : pinging) {
            String text = guest.run("kill -INT $(cat /tmp/ping.pid); sleep 2; tail -n 3 /tmp/pings", SOON);
            MatchResult found = STATISTICS.matcher(text).results().findFirst().orElseThrow();
            sent += Long.parseLong(found.group(1));
            lost += Long.parseLong(found.group(1)) - Long.parseLong(found.group(2));
        }
        long streams = Long.parseLong(
                pinging.getFirst().run("grep -c receiver /tmp/iperf3", SOON).strip());
        long counted = vireo.end().stream()
                .flatMap(line -> DROPS.matcher(line).results())
                .mapToLong(line -> Long.parseLong(line.group(1)))
                .sum();
        say(
                "%d hostile deeds; %d runs of iperf3; %d echoes, %d lost, %d drops counted",
                hostile.deeds(), streams, sent, lost, counted);
        say("a sixth into the time: %s%nat the end:             %s", warm, last);
        boolean failed = lost > counted || last.hasGrownSince(warm) || streams == 0;
        say(failed ? "FAILED" : "nothing was lost but what was counted, and nothing grew");
        return failed ? 1 : 0;
    }

    private void say(String format, Object... arguments) {
        spec.commandLine().getOut().println(String.format(Locale.ROOT, format, arguments));
        spec.commandLine().getOut().flush();
    }
}
