package io.vireo.harness.guests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The host's side of the agent at the end of {@code init}. (No space follows the at sign.)
 *
 * <pre>{@code
 *  host                             guest
 *  part c0 BASE64 ...               (as often as the command's length needs)
 *  run c0 SECONDS
 *                                   @ c0 BASE64 ...
 *                                   @ c0 end STATUS SHA-256
 *  again c0                         (if the digest is wrong: other output fell into a line)
 *  done c0
 * }</pre>
 */
final class Agent {
    /** What the host waits beyond a command's own time, in which the guest kills it and answers. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    private static final int ANSWERS = 3;
    private static final int KILLED = 128 + 9;
    /** Well below the 4096 characters of a line that a terminal takes (termios(3)). */
    private static final int PART_LENGTH = 1024;

    private final String name;
    private final Process process;
    private final Console console;
    private int commands;

    Agent(String name, Process process) {
        this.name = name;
        this.process = process;
        this.console = Console.of(process, name + "-console");
    }

    Console console() {
        return console;
    }

    synchronized GuestResult exec(String command, Duration timeout) throws GuestException {
        String id = "c" + commands++;
        long startNs = System.nanoTime();
        long from = console.position();
        send(id, command, Math.max(1, timeout.plusMillis(999).toSeconds()));
        for (int answer = 1; answer <= ANSWERS; answer++) {
            Optional<GuestResult> answered = answer(id, from, timeout.plus(GRACE));
            if (answered.isPresent()) {
                type("done " + id + "\n");
                GuestResult result = answered.get();
                if (result.exitCode() == KILLED && System.nanoTime() - startNs >= timeout.toNanos()) {
                    throw failure("\"%s\" was killed after %s, having printed:\n%s"
                            .formatted(command, timeout, result.output()));
                }
                return result;
            }
            from = console.position();
            type("again " + id + "\n");
        }
        throw failure("the answer to \"" + command + "\" is disturbed by other output");
    }

    MatchResult await(Pattern pattern, long from, Duration timeout) throws GuestException {
        Optional<MatchResult> found = console.await(pattern, from, timeout);
        if (found.isPresent()) {
            return found.get();
        }
        throw failure(console.ended() ? "it died" : "no \"" + pattern + "\" within " + timeout);
    }

    /** Says what is wrong, with this guest's state and the end of its console. */
    GuestException failure(String what) {
        if (console.ended()) {
            // Its output ends a moment before its exit value is known.
            process.onExit().completeOnTimeout(process, 1, TimeUnit.SECONDS).join();
        }
        String state = process.isAlive() ? "running" : "exit value " + process.exitValue();
        return new GuestException(
                "guest %s (%s): %s; the end of its console:\n%s".formatted(name, state, what, console.tail()));
    }

    private void send(String id, String command, long timeoutSeconds) throws GuestException {
        String encoded = Base64.getEncoder().encodeToString((command + "\n").getBytes(UTF_8));
        StringBuilder lines = new StringBuilder();
        for (int at = 0; at < encoded.length(); at += PART_LENGTH) {
            lines.append("part ").append(id).append(' ');
            lines.append(encoded, at, Math.min(encoded.length(), at + PART_LENGTH))
                    .append('\n');
        }
        type(lines.append("run ")
                .append(id)
                .append(' ')
                .append(timeoutSeconds)
                .append('\n')
                .toString());
    }

    private void type(String text) throws GuestException {
        try {
            OutputStream keyboard = process.getOutputStream();
            keyboard.write(text.getBytes(UTF_8));
            keyboard.flush();
        } catch (IOException e) {
            throw failure("it does not take input (" + e.getMessage() + ")");
        }
    }

    /** Empty if other output fell into this one. */
    private Optional<GuestResult> answer(String id, long from, Duration timeout) throws GuestException {
        Pattern end = Pattern.compile("@" + id + " end (\\d+) ([0-9a-f]{64})");
        MatchResult match = await(end, from, timeout);
        String encoded = Pattern.compile("@" + id + " ([A-Za-z0-9+/]+=*)\\r?$", Pattern.MULTILINE)
                .matcher(console.since(from))
                .results()
                .map(line -> line.group(1))
                .collect(Collectors.joining());
        byte[] output;
        try {
            output = Base64.getDecoder().decode(encoded);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        return HexFormat.of().formatHex(sha256(output)).equals(match.group(2))
                ? Optional.of(new GuestResult(Integer.parseInt(match.group(1)), new String(output, UTF_8)))
                : Optional.empty();
    }

    private static byte[] sha256(byte[] data) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
