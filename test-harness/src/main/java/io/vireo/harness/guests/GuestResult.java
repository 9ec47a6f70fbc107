package io.vireo.harness.guests;

/** What a command in a guest printed, on either stream, and how it ended. */
public record GuestResult(int exitCode, String output) {}
