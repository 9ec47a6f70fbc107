package io.vireo.harness.demo;

import io.vireo.appliance.Logging;
import io.vireo.appliance.Subcommand;
import io.vireo.vsock.VsockAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Plays a guest with vsock, on a socket of {@code vireo run} that no VMM uses. */
@Command(
        name = "vsock",
        description = "Plays a guest with vsock at one of the appliance's sockets: a client or a server.")
public final class VsockCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "connect or listen is required");
    }

    /** The client. */
    @Command(
            name = "connect",
            description = "Connects to CID:PORT, sends the standard input and prints what comes back.")
    int connect(
            @Parameters(paramLabel = "SOCKET", description = "the device's vhost-user socket") Path socket,
            @Parameters(paramLabel = "CID:PORT", description = "2 is the host") String remote)
            throws IOException {
        Logging.setQuiet();
        VsockSample.connect(socket, address(remote), System.in, System.out);
        return 0;
    }

    /** The server. */
    @Command(name = "listen", description = "Returns to whoever connects what it sends, until the command is ended.")
    int listen(
            @Parameters(paramLabel = "SOCKET", description = "the device's vhost-user socket") Path socket,
            @Parameters(paramLabel = "PORT") int port)
            throws IOException {
        Logging.setQuiet();
        PrintWriter out = spec.commandLine().getOut();
        VsockSample.listen(socket, port, line -> {
            out.println(line);
            out.flush();
        });
        return 0;
    }

    private VsockAddress address(String text) {
        String[] parts = text.split(":", -1);
        try {
            if (parts.length == 2) {
                return new VsockAddress(Integer.parseUnsignedInt(parts[0]), Integer.parseUnsignedInt(parts[1]));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new ParameterException(spec.commandLine(), "'" + text + "' is not CID:PORT, such as 2:5000");
    }
}
