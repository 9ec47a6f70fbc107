package io.vireo.benchmarks.support;

import io.vireo.appliance.Main;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Starts {@code vireo run} in a process of its own, on this process's class path and with its JVM's flags. */
public final class VireoProcess {
    /** The thread that serves all guests, unless the configuration wants more of them. */
    public static final Pattern REACTOR = Pattern.compile("reactor-0");

    private static final Pattern READY = Pattern.compile("^ready$", Pattern.MULTILINE);
    /** Of which a JVM takes one only. */
    private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");
    /** Of which only one JVM can have the port. */
    private static final String DEBUGGER = "-agentlib:";

    private VireoProcess() {}

    /**
     * Returns when every socket listens.
     *
     * @param cleanup ends it
     * @param folder gets the configuration
     * @param launcher the beginning of the command line; may be empty
     * @param javaOptions for its JVM, besides this one's
     */
    public static Child start(
            Cleanup cleanup, Path folder, List<String> launcher, String configuration, List<String> javaOptions)
            throws IOException {
        Path config = Files.writeString(folder.resolve("vireo.yaml"), configuration);
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags(ManagementFactory.getRuntimeMXBean().getInputArguments(), javaOptions));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--config", config.toString()));
        Child child = Child.start(cleanup, "Vireo", command);
        child.await(child.out(), READY, 0);
        return child;
    }

    /** A JVM's own flags with others, which may name another collector. */
    static List<String> flags(List<String> own, List<String> others) {
        boolean otherCollector = others.stream().anyMatch(VireoProcess::isCollector);
        List<String> flags = new ArrayList<>();
        for (String flag : own) {
            if (!flag.startsWith(DEBUGGER) && !(otherCollector && isCollector(flag))) {
                flags.add(flag);
            }
        }
        flags.addAll(others);
        return flags;
    }

    private static boolean isCollector(String flag) {
        return COLLECTOR.matcher(flag).matches();
    }
}
