package io.vireo.appliance.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A mapping of the file whose keys are known: typed values by key, each with its place. A key that is unknown, missing,
 * there twice, or holds another type is a problem; its accessor then returns null or nothing, as for an absent one.
 */
final class Section {
    private final Problems problems;
    private final String path;
    private final int line;
    private final Map<Key, Node> values = new EnumMap<>(Key.class);

    private Section(Node node, String path, Problems problems) {
        this.problems = problems;
        this.path = path;
        this.line = line(node);
    }

    /** Null, and a problem, where the node is not a mapping. */
    static @Nullable Section of(Node node, String path, List<Key> keys, Problems problems) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(line(node), path, "is " + typeOf(node), "a mapping of the keys " + Key.names(keys));
            return null;
        }
        Section section = new Section(node, path, problems);
        section.readKeys(mapping, keys);
        return section;
    }

    private void readKeys(MappingNode mapping, List<Key> keys) {
        Map<String, Integer> lines = new HashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            int keyLine = line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode scalar)) {
                problems.add(keyLine, path, "has a key that is " + typeOf(tuple.getKeyNode()), Key.names(keys));
                continue;
            }
            String name = scalar.getValue();
            Integer first = lines.putIfAbsent(name, keyLine);
            Key key = keys.stream().filter(k -> k.text.equals(name)).findFirst().orElse(null);
            if (first != null) {
                problems.add(keyLine, child(name), "is there already on line " + first, "each key once");
            } else if (key == null) {
                problems.add(keyLine, child(name), "unknown key" + Nearest.hint(name, keys), Key.names(keys));
            } else {
                values.put(key, tuple.getValueNode());
            }
        }
    }

    /** A problem unless the key is there. */
    void require(Key key) {
        if (!values.containsKey(key)) {
            problems.add(line, child(key.text), "is missing", key.allowed);
        }
    }

    /** A problem where none of the keys is there, or more than one. */
    void requireOneOf(List<Key> keys) {
        long count = keys.stream().filter(this::has).count();
        if (count != 1) {
            String which = count == 0 ? "none" : "more than one";
            problems.add(line, path, "has %s of the keys %s".formatted(which, Key.names(keys)), "one of them");
        }
    }

    /** What counts where a key is absent, at the section's own place. */
    <T> Located<T> at(T value) {
        return new Located<>(value, line, path);
    }

    @Nullable
    Located<String> text(Key key) {
        Node node = values.get(key);
        return node == null ? null : text(node, child(key.text), key, problems);
    }

    @Nullable
    Located<Integer> integer(Key key, int min, int max) {
        return problems.parse(digits(key), text -> (int) within(text, min, max), key.allowed);
    }

    /** A number of 32 bits; all three are unsigned. */
    @Nullable
    Located<Integer> unsigned(Key key, int min, int max) {
        return problems.parse(
                digits(key),
                text -> (int) within(text, Integer.toUnsignedLong(min), Integer.toUnsignedLong(max)),
                key.allowed);
    }

    private @Nullable Located<String> digits(Key key) {
        Node node = values.get(key);
        if (node == null) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar) || !node.getTag().equals(Tag.INT)) {
            problems.add(line(node), child(key.text), "is " + typeOf(node), key.allowed);
            return null;
        }
        return new Located<>(scalar.getValue(), line(node), child(key.text));
    }

    @Nullable
    Located<Boolean> bool(Key key) {
        Node node = values.get(key);
        if (node == null) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar) || !node.getTag().equals(Tag.BOOL)) {
            problems.add(line(node), child(key.text), "is " + typeOf(node), key.allowed);
            return null;
        }
        return new Located<>(Boolean.parseBoolean(scalar.getValue()), line(node), child(key.text));
    }

    private static long within(String text, long min, long max) {
        // Digits beyond the range of a long are the same mistake as any other number that is too large.
        if (text.matches("-?[0-9]{1,18}")) {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw new IllegalArgumentException(text + " is not within " + min + " to " + max);
    }

    /** Text, or a number as it is written, for what is both, such as 500 and 100k. */
    @Nullable
    Located<String> textOrInteger(Key key) {
        Node node = values.get(key);
        boolean integer = node instanceof ScalarNode && node.getTag().equals(Tag.INT);
        return integer ? digits(key) : text(key);
    }

    List<Located<String>> texts(Key key) {
        List<Located<String>> texts = new ArrayList<>();
        for (Located<Node> item : items(key)) {
            Located<String> text = text(item.value(), item.path(), key, problems);
            if (text != null) {
                texts.add(text);
            }
        }
        return texts;
    }

    /** One of the constants, written in small letters; {@code otherwise} where the key is absent, null where it is wrong. */
    <E extends Enum<E>> @Nullable E oneOf(Key key, E otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        Class<E> all = otherwise.getDeclaringClass();
        Located<E> read = problems.parse(text(key), name -> named(name, all), key.allowed);
        return read == null ? null : read.value();
    }

    private static <E extends Enum<E>> E named(String name, Class<E> all) {
        for (E constant : all.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("unknown: " + name);
    }

    /** The value of a key whose form is its reader's matter, or null. */
    @Nullable
    Located<Node> node(Key key) {
        Node node = values.get(key);
        return node == null ? null : new Located<>(node, line(node), child(key.text));
    }

    boolean has(Key key) {
        return values.containsKey(key);
    }

    /** A problem if the key is there. */
    void refuse(Key key, String why) {
        Node node = values.get(key);
        if (node != null) {
            problems.add(line(node), child(key.text), why, key.allowed);
        }
    }

    @Nullable
    Section section(Key key, List<Key> keys) {
        Node node = values.get(key);
        return node == null ? null : of(node, child(key.text), keys, problems);
    }

    /** Those of a list, which may have none. */
    List<Section> sections(Key key, List<Key> keys) {
        List<Section> sections = new ArrayList<>();
        for (Located<Node> item : items(key)) {
            Section section = of(item.value(), item.path(), keys, problems);
            if (section != null) {
                sections.add(section);
            }
        }
        return sections;
    }

    /** The same, and a problem where there is none. */
    List<Section> atLeastOneSection(Key key, List<Key> keys) {
        if (values.get(key) instanceof SequenceNode list && list.getValue().isEmpty()) {
            problems.add(line(list), child(key.text), "is an empty list", key.allowed);
        }
        return sections(key, keys);
    }

    private List<Located<Node>> items(Key key) {
        Node node = values.get(key);
        List<Located<Node>> items = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                items.add(new Located<>(item, line(item), child(key.text) + "[" + items.size() + "]"));
            }
        } else if (node != null) {
            problems.add(line(node), child(key.text), "is " + typeOf(node), key.allowed);
        }
        return items;
    }

    /** Null, and a problem, where the node is not text. */
    static @Nullable Located<String> text(Node node, String at, Key key, Problems problems) {
        if (node instanceof ScalarNode scalar && node.getTag().equals(Tag.STR)) {
            return new Located<>(scalar.getValue(), line(node), at);
        }
        String quote =
                node instanceof ScalarNode && !node.getTag().equals(Tag.NULL) ? ", not text (write it in quotes)" : "";
        problems.add(line(node), at, "is " + typeOf(node) + quote, key.allowed);
        return null;
    }

    private String child(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    static int line(Node node) {
        return node.getStartMark().map(YamlFile::line).orElse(1);
    }

    static String typeOf(Node node) {
        return switch (node) {
            case MappingNode _ -> "a mapping";
            case SequenceNode _ -> "a list";
            case ScalarNode scalar when scalar.getTag().equals(Tag.NULL) -> "empty";
            case ScalarNode scalar when scalar.getTag().equals(Tag.STR) -> "the text \"" + scalar.getValue() + "\"";
            case ScalarNode scalar when scalar.getTag().equals(Tag.INT) -> "the integer " + scalar.getValue();
            case ScalarNode scalar -> "the value " + scalar.getValue() + " of type " + scalar.getTag();
            default -> "not a value";
        };
    }
}
