package io.vireo.appliance.config;

import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong with a configuration file, in the order of its lines; the message has a line for each. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    ConfigException(List<ConfigProblem> problems) {
        super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
        this.problems = problems;
    }

    public List<ConfigProblem> problems() {
        return problems;
    }
}
