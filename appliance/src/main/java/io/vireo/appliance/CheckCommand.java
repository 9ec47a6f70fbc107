package io.vireo.appliance;

import io.vireo.appliance.check.Finding;
import io.vireo.appliance.check.HostCheck;
import io.vireo.appliance.check.Machine;
import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.ConfigException;
import io.vireo.appliance.config.Host;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what the host lacks. */
@Command(
        name = "check",
        description = {
            "Reports what this host lacks for a configuration, each with the command that cures it.",
            "Changes nothing. Huge pages that a running Vireo has are not counted as free."
        },
        exitCodeList = {"0:nothing lacks", "1:something does", "2:wrong usage or configuration"})
final class CheckCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The configuration, a YAML file.")
    private Path config = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws ConfigException {
        ApplianceConfig configuration = ApplianceConfig.read(config, Host.local());
        List<Finding> findings = new HostCheck(configuration, Host.local(), Machine.local()).find();
        PrintWriter out = spec.commandLine().getOut();
        for (Finding finding : findings) {
            out.printf("%-8s %s%n", finding.state().name().toLowerCase(Locale.ROOT), finding.what());
            if (!finding.cure().isEmpty()) {
                out.printf("%-8s %s%n", "", finding.cure());
            }
        }
        out.flush();
        boolean lacks = findings.stream().anyMatch(finding -> finding.state() == Finding.State.LACKS);
        return lacks ? Main.FAILURE : 0;
    }
}
