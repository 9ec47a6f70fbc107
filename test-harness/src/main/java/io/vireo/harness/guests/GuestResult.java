package io.vireo.harness.guests;

/**
 * What a command in a guest has done.
 *
 * @param exitCode as the shell has it: 128 and the signal's number if the command was killed
 * @param output standard output and standard error as they came, decoded as UTF-8
 */
public record GuestResult(int exitCode, String output) {}
