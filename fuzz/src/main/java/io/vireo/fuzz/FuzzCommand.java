package io.vireo.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./vireo fuzz}: Jazzer on targets, one after the other, and a table of what came of it. */
@Command(
        name = "vireo fuzz",
        description = "Feeds everything that reads what others wrote with inputs that reach ever more of the code.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        footer = {
            "%nMinutes are for a look, hours for a search: --seconds 3600 takes an hour a target.",
            "Exit codes: 0 nothing was found, 1 something was, 2 usage."
        })
public final class FuzzCommand implements Callable<Integer> {
    private static final String ROW = "%-14s %12s %10s %10s %8s %7s  %s%n";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "TARGET", description = "What to attack; all, if none is named. See --list.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--seconds", description = "How long to attack each (default: ${DEFAULT-VALUE}).")
    private int seconds = 60;

    @Option(names = "--jobs", description = "How many at a time (default: ${DEFAULT-VALUE}).")
    private int jobs = 1;

    @Option(names = "--seed", description = "Of what is random; 0, the default, for another each time.")
    private int seed;

    @Option(names = "--update", description = "Keep what was found: the fewest inputs that reach what was reached.")
    private boolean update;

    @Option(names = "--run", paramLabel = "FILE", description = "Only run this input, without the fuzzer.")
    private @Nullable Path single;

    @Option(names = "--list", description = "Only print the targets' names.")
    private boolean list;

    @Option(names = "--corpus", hidden = true, description = "Where inputs are kept.", required = true)
    private Path corpora = Path.of("");

    @Option(names = "--work", hidden = true, description = "Where findings go.", required = true)
    private Path work = Path.of("");

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new FuzzCommand());
    }

    @Override
    public Integer call() throws Exception {
        List<String> unknown =
                names.stream().filter(name -> !Targets.ALL.containsKey(name)).toList();
        if (!unknown.isEmpty() || seconds < 1 || jobs < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    unknown.isEmpty()
                            ? "seconds and jobs are above 0"
                            : "no target is called " + unknown.getFirst() + "; --list names them");
        }
        List<String> chosen = names.isEmpty() ? List.copyOf(Targets.ALL.keySet()) : names;
        if (list) {
            chosen.forEach(spec.commandLine().getOut()::println);
            return 0;
        }
        if (single != null) {
            return runOne(chosen, single);
        }
        return fuzz(chosen);
    }

    private int runOne(List<String> chosen, Path file) throws Exception {
        if (chosen.size() != 1) {
            throw new ParameterException(spec.commandLine(), "--run needs the one target that the input is for");
        }
        Targets.make(chosen.getFirst()).run(new Input(Files.readAllBytes(file)));
        spec.commandLine().getOut().println("no error");
        return 0;
    }

    private int fuzz(List<String> chosen) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(ROW, "target", "executions", "coverage", "features", "corpus", "s", "");
        boolean clean = true;
        try (ExecutorService pool = Executors.newFixedThreadPool(jobs)) {
            List<Future<TargetRun.Result>> results =
                    chosen.stream().map(name -> pool.submit(() -> fuzz(name))).toList();
            for (Future<TargetRun.Result> result : results) {
                TargetRun.Result it = result.get();
                print(out, it);
                clean &= it.isClean();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
        return clean ? 0 : 1;
    }

    private TargetRun.Result fuzz(String name) throws IOException, InterruptedException {
        Corpus corpus = new Corpus(corpora, name);
        TargetRun run = new TargetRun(name, work.toAbsolutePath());
        TargetRun.Result result = run.fuzz(corpus, seconds, seed);
        if (update && result.isClean()) {
            run.minimise(corpus);
        }
        return result;
    }

    private static void print(PrintWriter out, TargetRun.Result it) {
        out.printf(
                ROW,
                it.name(),
                "%,d".formatted(it.executions()),
                it.coverage(),
                it.features(),
                it.corpus(),
                it.millis() / 1000,
                it.isClean() ? "nothing found" : it.finding());
        if (!it.isClean()) {
            out.printf("    see the error: ./vireo fuzz %s --run %s%n", it.name(), it.finding());
        }
        out.flush();
    }
}
