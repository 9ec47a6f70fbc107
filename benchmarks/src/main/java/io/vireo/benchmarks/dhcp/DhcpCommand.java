package io.vireo.benchmarks.dhcp;

import io.vireo.benchmarks.support.PositiveNumber;
import io.vireo.benchmarks.support.Spread;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.NamespaceGuest;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Leases a second of Vireo and of dnsmasq. */
@Command(
        name = "dhcp",
        description = {
            "Measures how many DHCPv4 leases a second Vireo gives, and how many dnsmasq.",
            "",
            "A pair is one run of each, in turns first. A run starts its server anew, warms it up with 1000 leases a second for"
                    + " 5 seconds, and looks for the highest rate of leases (DISCOVER, OFFER, REQUEST, ACK) of which at"
                    + " least 99 %% are completed: the rate is doubled until two trials fail, and then closed in on to a"
                    + " twentieth. The load is perfdhcp's, of Kea, as one"
                    + " client with one MAC address, as a guest of Vireo has.",
            "",
            "For both, perfdhcp runs in a network namespace whose eth0 is a tap of this process. From there, one of this"
                    + " process's threads carries the frames to Vireo's virtqueues, or to the tap of the namespace that"
                    + " dnsmasq runs in. dnsmasq has a pool of one address, a lease file, no DNS, and does not look for"
                    + " conflicts. Nothing is pinned.",
            "",
            "Needs root and the Debian packages kea-admin (perfdhcp), dnsmasq-base, iproute2 and util-linux.",
            "",
            "Options:"
        },
        optionListHeading = "")
public final class DhcpCommand implements Callable<Integer> {
    private static final int LOWEST_RATE = 250;
    private static final int HIGHEST_RATE = 64_000;
    private static final double REQUIRED = 0.99;
    private static final int WARM_UP_RATE = 1000;
    private static final int WARM_UP_SECONDS = 5;

    @Option(
            names = "--pairs",
            converter = PositiveNumber.class,
            defaultValue = "5",
            paramLabel = "N",
            description = "Pairs of runs; ${DEFAULT-VALUE} by default.")
    private int pairs;

    @Option(
            names = "--seconds",
            converter = PositiveNumber.class,
            defaultValue = "2",
            paramLabel = "N",
            description = "How long each trial sends; ${DEFAULT-VALUE} by default.")
    private int seconds;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        Host.program("perfdhcp", "kea-admin");
        Host.program("dnsmasq", "dnsmasq-base");
        double[] vireo = new double[pairs];
        double[] dnsmasq = new double[pairs];
        double[] ratio = new double[pairs];
        for (int pair = 0; pair < pairs; pair++) {
            boolean vireoFirst = pair % 2 == 0;
            if (vireoFirst) {
                vireo[pair] = measureVireo();
            }
            dnsmasq[pair] = measureDnsmasq();
            if (!vireoFirst) {
                vireo[pair] = measureVireo();
            }
            ratio[pair] = vireo[pair] / dnsmasq[pair];
            say("pair %d of %d: Vireo %.0f leases/s, dnsmasq %.0f", pair + 1, pairs, vireo[pair], dnsmasq[pair]);
        }
        say("leases/s, median (lowest to highest): Vireo %s, dnsmasq %s", spread(vireo, 0), spread(dnsmasq, 0));
        say("Vireo / dnsmasq: %s", spread(ratio, 2));
        return 0;
    }

    private double measureVireo() throws Exception {
        try (Server server = VireoServer.start()) {
            return measure(server);
        }
    }

    private double measureDnsmasq() throws Exception {
        try (Server server = DnsmasqServer.start()) {
            return measure(server);
        }
    }

    private double measure(Server server) throws Exception {
        NamespaceGuest client = server.client();
        Perfdhcp.prepare(client);
        Perfdhcp.completed(client, WARM_UP_RATE, WARM_UP_SECONDS);
        return RateSearch.highest(rate -> completed(client, rate), LOWEST_RATE, HIGHEST_RATE, REQUIRED);
    }

    /** The better one of two trials, of which the second is left out if the first is good enough. */
    private double completed(NamespaceGuest client, int rate) throws IOException {
        double first = Perfdhcp.completed(client, rate, seconds);
        return first >= REQUIRED ? first : Math.max(first, Perfdhcp.completed(client, rate, seconds));
    }

    private static String spread(double[] values, int decimals) {
        return Spread.of(DoubleStream.of(values)).format(decimals);
    }

    private void say(String format, Object... arguments) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(String.format(Locale.ROOT, format, arguments));
        out.flush();
    }
}
