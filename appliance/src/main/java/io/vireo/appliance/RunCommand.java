package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.Host;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.constants.platform.Signal;
import jnr.posix.util.SunMiscSignal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The appliance in the foreground. */
@Command(
        name = RunCommand.NAME,
        description = {
            "Runs the appliance until SIGTERM or SIGINT.",
            "Prints 'ready' when every socket listens. Counters go to stderr at SIGUSR1 and at the end."
        })
final class RunCommand implements Callable<Integer> {
    static final String NAME = "run";

    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration, a YAML file.")
    private Path config = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final AtomicBoolean interrupted = new AtomicBoolean();

    @Override
    public Integer call() throws Exception {
        ApplianceConfig configuration = ApplianceConfig.toStart(config, Host.local());
        for (Signal signal : List.of(Signal.SIGTERM, Signal.SIGINT, Signal.SIGUSR1)) {
            SunMiscSignal.signal(signal, (int ignored) -> receive(signal));
        }
        try (Appliance appliance = Appliance.start(configuration)) {
            if (configuration.user().isPresent()) {
                appliance.router().dropPrivileges(configuration.user().get());
            }
            spec.commandLine().getOut().println("ready");
            spec.commandLine().getOut().flush();
            while (signals.take() == Signal.SIGUSR1) {
                printCounters(appliance);
            }
            printCounters(appliance);
        }
        return 0;
    }

    private void printCounters(Appliance appliance) {
        spec.commandLine().getErr().print(appliance.countersText());
        spec.commandLine().getErr().flush();
    }

    /** Only takes note: the main thread acts, so that nothing asks a router that has not started or has ended. */
    private void receive(Signal signal) {
        if (signal == Signal.SIGINT && interrupted.getAndSet(true)) {
            Runtime.getRuntime().halt(Main.FAILURE); // asked twice: whatever hangs, hangs no longer
        }
        if (!signals.contains(signal)) {
            signals.add(signal);
        }
    }
}
