package io.vireo.appliance;

import io.vireo.appliance.config.ConfigException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The process: parses the command line, runs a command, and turns what came of it into an exit code. */
@Command(
        name = "vireo",
        description = "A userspace virtual network for virtual machines.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        usageHelpAutoWidth = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:clean end", "1:failure", "2:wrong usage or configuration"},
        footer = {
            "%nIn the source tree, './vireo test' builds and runs the tests (see './vireo test --help'),",
            "and './vireo fuzz' attacks everything that reads foreign input (see './vireo fuzz --help')."
        })
public final class Main implements Runnable {
    static final int FAILURE = 1;
    static final int USAGE = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @CommandLine.Option(
            names = {"-v", "--verbose"},
            description = "Log debug messages, and show where errors come from.",
            scope = ScopeType.INHERIT)
    private boolean verbose;

    public static void main(String[] args) {
        boolean starts = args.length > 0 && args[0].equals(RunCommand.NAME);
        CommandLine commandLine = starts ? commandLine(List.of(new RunCommand())) : commandLine();
        System.exit(commandLine.execute(args));
    }

    /** The command line with all commands that are on the class path. */
    public static CommandLine commandLine() {
        List<Callable<Integer>> commands = new ArrayList<>(List.of(
                new RunCommand(), new GuestArgsCommand(), new LeasesCommand(), new CheckCommand(), new TpmCommand()));
        ServiceLoader.load(Subcommand.class).forEach(commands::add);
        return commandLine(commands);
    }

    /** With these alone: picocli asks each for all it has by reflection, which takes most of the time of a start. */
    private static CommandLine commandLine(List<? extends Callable<Integer>> commands) {
        CommandLine commandLine = new CommandLine(new Main());
        commands.forEach(commandLine::addSubcommand);
        return commandLine.setExecutionStrategy(Main::run).setExecutionExceptionHandler(Main::fail);
    }

    private static int run(ParseResult parsed) {
        Main main = parsed.commandSpec().root().userObject() instanceof Main it ? it : new Main();
        if (main.verbose) {
            Logging.setVerbose();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    private static int fail(Exception e, CommandLine command, ParseResult parsed) {
        boolean verbose = command.getCommandSpec().root().userObject() instanceof Main main && main.verbose;
        if (verbose) {
            LoggerFactory.getLogger(Main.class).debug("failed", e);
        }
        if (e instanceof ConfigException) {
            command.getErr().println(e.getMessage());
            return USAGE;
        }
        command.getErr().println("vireo: " + reason(e, verbose));
        return FAILURE;
    }

    private static String reason(Exception e, boolean verbose) {
        if (e instanceof FileSystemException) { // its message is the path alone
            return e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        if (e instanceof IOException) {
            return String.valueOf(e.getMessage());
        }
        return "internal error: " + e + (verbose ? "" : "; -v shows where it comes from");
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    /** What the build wrote into the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"vireo " + (version == null ? "(built in place)" : version)};
        }
    }
}
