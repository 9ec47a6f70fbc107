package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * The one document of a YAML file, as nodes. Size, encoding, depth, anchors and the number of documents are checked
 * over the stream of events, which needs no stack, before the recursive composer sees any of it.
 */
final class YamlFile {
    static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 8;
    private static final String ANY_YAML = "one YAML 1.2 document";

    private final Path file;
    private final Problems problems;

    private YamlFile(Path file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** The root node, or null after a problem has been added. */
    static @Nullable Node load(Path file, Problems problems) {
        return new YamlFile(file, problems).load();
    }

    private @Nullable Node load() {
        byte[] bytes = read();
        String text = bytes == null ? null : decode(bytes);
        if (text == null) {
            return null;
        }
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setUseMarks(true)
                .build();
        try {
            if (!isPlain(new Parse(settings).parseString(text))) {
                return null;
            }
            Node root = new Compose(settings).composeString(text).orElse(null);
            if (root == null) {
                problems.add(1, "", "the file is empty", Key.names(Key.TOP));
            }
            return root;
        } catch (MarkedYamlEngineException e) {
            int line =
                    e.getProblemMark().or(e::getContextMark).map(YamlFile::line).orElse(1);
            problems.add(line, "", "not YAML: " + e.getProblem(), ANY_YAML);
        } catch (ReaderException e) {
            int line = lineAt(text.substring(
                    0, text.offsetByCodePoints(0, Math.min(e.getPosition(), text.codePointCount(0, text.length())))));
            problems.add(line, "", "contains the character U+%04X".formatted(e.getCodePoint()), "printable characters");
        } catch (YamlEngineException | NumberFormatException e) {
            // The latter is how the scanner refuses an escaped character beyond the range of an int.
            problems.add(1, "", "not YAML: " + e.getMessage(), ANY_YAML);
        }
        return null;
    }

    private byte @Nullable [] read() {
        String reason;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length <= MAX_BYTES) {
                return bytes;
            }
            reason = "the file is larger than " + MAX_BYTES + " bytes";
        } catch (NoSuchFileException e) {
            reason = "there is no such file";
        } catch (AccessDeniedException e) {
            reason = "may not be read";
        } catch (IOException e) {
            reason = "cannot be read: " + e.getMessage();
        }
        problems.add(1, "", reason, "a readable file of at most " + MAX_BYTES + " bytes");
        return null;
    }

    private @Nullable String decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        if (UTF_8.newDecoder().decode(in, out, true).isError()) {
            String good = new String(bytes, 0, in.position(), UTF_8);
            problems.add(lineAt(good), "", "contains bytes that are not UTF-8", "UTF-8");
            return null;
        }
        String text = out.flip().toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Whether there is one document without anchors whose depth the composer's recursion can take. */
    private boolean isPlain(Iterable<Event> events) {
        int depth = 0;
        int documents = 0;
        for (Event event : events) {
            int line = event.getStartMark().map(YamlFile::line).orElse(1);
            switch (event.getEventId()) {
                case DocumentStart -> documents++;
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            if (documents > 1) {
                problems.add(line, "", "a second document begins here", ANY_YAML);
                return false;
            }
            if (depth > MAX_DEPTH) {
                problems.add(line, "", "lists and mappings are nested too deeply", "a depth of at most " + MAX_DEPTH);
                return false;
            }
            if (event instanceof AliasEvent
                    || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
                problems.add(line, "", "anchors and aliases (& and *) are not supported", "values written out");
                return false;
            }
        }
        return true;
    }

    static int line(Mark mark) {
        return mark.getLine() + 1;
    }

    private static int lineAt(String before) {
        return 1 + (int) before.chars().filter(c -> c == '\n').count();
    }
}
