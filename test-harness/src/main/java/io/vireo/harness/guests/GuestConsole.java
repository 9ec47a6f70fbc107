package io.vireo.harness.guests;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest's console: collects what it prints, and runs commands in the shell that reads from it. One command at a time, from
 * one thread.
 */
final class GuestConsole {
    private static final int TAIL = 2000;

    private final String name;
    private final Process process;
    private final OutputStream input;
    private final StringBuilder output = new StringBuilder();
    private boolean ended;
    private int commands;

    GuestConsole(String name, Process process) {
        this.name = name;
        this.process = process;
        input = process.getOutputStream();
        Thread.ofVirtual().name("console-" + name).start(this::collect);
    }

    private void collect() {
        try (InputStream from = process.getInputStream()) {
            byte[] bytes = new byte[8192];
            for (int count = from.read(bytes); count >= 0; count = from.read(bytes)) {
                String text = new String(bytes, 0, count, StandardCharsets.UTF_8).replace("\r", "");
                synchronized (output) {
                    output.append(text);
                    output.notifyAll();
                }
            }
        } catch (IOException e) {
            // the guest was killed: its output ends here
        }
        synchronized (output) {
            ended = true;
            output.notifyAll();
        }
    }

    String text() {
        synchronized (output) {
            return output.toString();
        }
    }

    /** Waits until the pattern is found in what was printed from position {@code from} on. */
    Matcher await(Pattern pattern, int from, Duration timeout) throws GuestException {
        long deadlineNs = System.nanoTime() + timeout.toNanos();
        synchronized (output) {
            while (true) {
                Matcher matcher = pattern.matcher(output.substring(from));
                if (matcher.find()) {
                    return matcher;
                }
                long leftNs = deadlineNs - System.nanoTime();
                if (ended || leftNs <= 0) {
                    String what = ended ? " ended" : " took more than " + timeout.toSeconds() + " s";
                    throw new GuestException(name + what + " before it printed " + pattern + tail());
                }
                try {
                    output.wait(Math.max(1, leftNs / 1_000_000));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new GuestException("interrupted");
                }
            }
        }
    }

    private String tail() {
        String text = output.toString();
        return "; the end of its console:\n" + text.substring(Math.max(0, text.length() - TAIL));
    }

    /** Runs a command of one line; its output is what the console shows between two marks. */
    GuestResult exec(String command, Duration timeout) throws IOException {
        if (command.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a command is one line: " + command);
        }
        int number = ++commands;
        int from = text().length();
        // The marks are put together by the shell, so that an echo of the line is not taken for them.
        String line =
                "echo @@'BEGIN' %d; { %s; } </dev/null 2>&1; echo @@'END' %d $?\n".formatted(number, command, number);
        input.write(line.getBytes(StandardCharsets.UTF_8));
        input.flush();
        Pattern marks = Pattern.compile("@@BEGIN %d\n(.*?)@@END %d (\\d+)".formatted(number, number), Pattern.DOTALL);
        Matcher found = await(marks, from, timeout);
        return new GuestResult(Integer.parseInt(found.group(2)), found.group(1));
    }
}
