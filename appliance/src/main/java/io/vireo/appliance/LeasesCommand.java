package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.ConfigException;
import io.vireo.appliance.config.Host;
import io.vireo.router.leases.Lease;
import io.vireo.router.leases.LeaseHistory;
import io.vireo.router.leases.LeaseRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what a journal says, also while Vireo runs: nothing is locked or written. */
@Command(
        name = "leases",
        description = {
            "Lists who has which address and prefix, and until when, in UTC.",
            "Ended leases are listed as long as they are remembered, for their guests get the same again; declined",
            "addresses as long as they rest.",
            "",
            "Without an option, the leases are those of the default state directory."
        })
final class LeasesCommand implements Callable<Integer> {
    private static final List<String> TITLES = List.of("NETWORK", "MAC", "KIND", "ADDRESS", "EXPIRES", "STATE");
    private static final String GAP = "  ";

    /** Where the journal is: one of them is set, or none. */
    static final class Source {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description = "The configuration, whose state directory has the journal.")
        private @Nullable Path config;

        @Option(
                names = {"-s", "--state-dir"},
                paramLabel = "DIR",
                description = "The state directory.")
        private @Nullable Path stateDir;

        @Option(
                names = {"-j", "--journal"},
                paramLabel = "FILE",
                description = "The lease journal itself.")
        private @Nullable Path journal;

        Path journal(Host host) throws ConfigException {
            if (journal != null) {
                return journal;
            }
            Path directory = stateDir;
            if (directory == null) {
                directory = config == null
                        ? ApplianceConfig.defaultStateDir(host)
                        : ApplianceConfig.read(config, host).stateDir();
            }
            return directory.resolve(ApplianceConfig.JOURNAL);
        }
    }

    @ArgGroup
    private Source source = new Source();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final Host host;
    private final InstantSource clock = InstantSource.system();

    LeasesCommand() {
        this(Host.local());
    }

    LeasesCommand(Host host) {
        this.host = host;
    }

    @Override
    public Integer call() throws IOException, ConfigException {
        Path journal = source.journal(host);
        LeaseHistory history = LeaseHistory.read(journal);
        List<List<String>> rows = rows(history.records(), clock.instant().getEpochSecond());
        print(rows, spec.commandLine().getOut());
        if (history.damagedBytes() > 0) {
            throw new IOException("%d bytes of %s are damaged, and what they said is not listed"
                    .formatted(history.damagedBytes(), journal));
        }
        return 0;
    }

    private static List<List<String>> rows(List<LeaseRecord> records, long nowSeconds) {
        List<List<String>> rows = new ArrayList<>(List.of(TITLES));
        for (LeaseRecord entry : records) {
            if (entry.state() != LeaseRecord.State.DECLINED || entry.inForce(nowSeconds)) {
                rows.add(List.of(
                        entry.client().network(),
                        entry.client().mac().toString(),
                        entry.resource().kind().toString(),
                        entry.resource().toString(),
                        time(entry.seconds()),
                        state(entry, nowSeconds)));
            }
        }
        return rows;
    }

    private static String state(LeaseRecord entry, long nowSeconds) {
        return switch (entry.state()) {
            case LEASED -> entry.inForce(nowSeconds) ? "leased" : "expired";
            case RELEASED -> "released";
            case DECLINED -> "declined";
        };
    }

    /** ISO 8601; some later times than anybody will see cannot be written so. */
    private static String time(long seconds) {
        try {
            return seconds == Lease.NEVER
                    ? "never"
                    : Instant.ofEpochSecond(seconds).toString();
        } catch (DateTimeException e) {
            return "never";
        }
    }

    private static void print(List<List<String>> rows, PrintWriter out) {
        int[] widths = new int[TITLES.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                line.append(cell).append(" ".repeat(widths[i] - cell.length())).append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
