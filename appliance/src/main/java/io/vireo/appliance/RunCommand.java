package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.Host;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.constants.platform.Signal;
import jnr.posix.util.SunMiscSignal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The appliance in the foreground. */
@Command(
        name = "run",
        description = {
            "Runs the appliance until SIGTERM or SIGINT.",
            "Prints 'ready' when every socket listens. Counters go to stderr at SIGUSR1 and at the end."
        })
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration, a YAML file.")
    private Path config = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws Exception {
        ApplianceConfig configuration = ApplianceConfig.toStart(config, Host.local());
        CountDownLatch ending = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        onSignal(Signal.SIGTERM, ending::countDown);
        onSignal(Signal.SIGINT, () -> {
            if (asked.incrementAndGet() > 1) {
                Runtime.getRuntime().halt(Main.FAILURE); // asked twice: whatever hangs, hangs no longer
            }
            ending.countDown();
        });
        try (Appliance appliance = Appliance.start(configuration)) {
            onSignal(Signal.SIGUSR1, () -> printCounters(appliance));
            spec.commandLine().getOut().println("ready");
            spec.commandLine().getOut().flush();
            ending.await();
            printCounters(appliance);
        }
        return 0;
    }

    private void printCounters(Appliance appliance) {
        spec.commandLine().getErr().print(appliance.router().countersText());
        spec.commandLine().getErr().flush();
    }

    private static void onSignal(Signal signal, Runnable action) {
        SunMiscSignal.signal(signal, (int ignored) -> action.run());
    }
}
