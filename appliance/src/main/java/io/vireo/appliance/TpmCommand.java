package io.vireo.appliance;

import io.vireo.appliance.config.ApplianceConfig;
import io.vireo.appliance.config.ConfigException;
import io.vireo.appliance.config.Host;
import io.vireo.services.tpm.EndorsementKey;
import io.vireo.services.tpm.TpmAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is done with the host's TPM. */
@Command(name = "tpm", description = "Prepares the host's TPM.", subcommands = TpmCommand.Provision.class)
final class TpmCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** Sees to it that there is an endorsement key. */
    @Command(
            name = "provision",
            description = {
                "Creates an endorsement key (RSA-2048) and makes it persistent at 0x81000001, unless there is one.",
                "The TPM is that of the configuration (tpm:). The passwords of its hierarchies must be empty."
            })
    static final class Provision implements Callable<Integer> {
        @Option(
                names = {"-c", "--config"},
                required = true,
                paramLabel = "FILE",
                description = "The configuration, a YAML file.")
        private Path config = Path.of("");

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws IOException, ConfigException {
            TpmAddress address = ApplianceConfig.read(config, Host.local())
                    .services()
                    .tpm()
                    .orElseThrow(() -> new ParameterException(spec.commandLine(), config + " names no tpm"));
            String where = "at 0x%08x of the TPM at %s".formatted(EndorsementKey.HANDLE, address.path());
            PrintWriter out = spec.commandLine().getOut();
            out.println(
                    switch (EndorsementKey.provision(address)) {
                        case CREATED -> "an endorsement key was created " + where;
                        case WAS_THERE -> "there is a key already " + where;
                    });
            out.flush();
            return 0;
        }
    }
}
