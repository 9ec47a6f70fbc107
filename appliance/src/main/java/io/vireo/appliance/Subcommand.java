package io.vireo.appliance;

import java.util.concurrent.Callable;

/**
 * A command of {@code vireo} that another module adds: a picocli command found by {@link java.util.ServiceLoader}. Its result
 * is the process's exit code.
 */
public interface Subcommand extends Callable<Integer> {}
