package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vireo.protocols.dhcp.DhcpOption;
import io.vireo.protocols.dhcp.DhcpParameters;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads DHCP options that are given by number, and makes bytes of them. */
final class DhcpOptionsReader {
    private static final String HEX = "hex:";
    private static final int MAX_LENGTH = 255;
    private static final String ALLOWED = Key.DHCP_OPTIONS.allowed;

    private final Problems problems;
    private final Map<Integer, byte[]> options = new TreeMap<>();
    private final Map<Integer, Integer> lines = new TreeMap<>();

    DhcpOptionsReader(Problems problems) {
        this.problems = problems;
    }

    Map<Integer, byte[]> read(Located<Node> node) {
        if (node.value() instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> read(tuple, node.path()));
        } else {
            problems.add(node, "is " + Section.typeOf(node.value()), ALLOWED);
        }
        return options;
    }

    private void read(NodeTuple tuple, String path) {
        Node keyNode = tuple.getKeyNode();
        String name = keyNode instanceof ScalarNode scalar ? scalar.getValue() : Section.typeOf(keyNode);
        Located<String> key = new Located<>(name, Section.line(keyNode), path + "." + name);
        Located<Integer> code = problems.parse(key, DhcpOptionsReader::code, ALLOWED);
        Located<byte[]> value = value(tuple.getValueNode(), key);
        if (code == null || value == null) {
            return;
        }
        Integer first = lines.putIfAbsent(code.value(), code.line());
        if (first != null) {
            problems.add(key, "is there already on line " + first, "each option once");
            return;
        }
        Map<Integer, byte[]> one = Map.of(code.value(), value.value());
        if (problems.parse(value, _ -> DhcpParameters.NONE.withExtra(one), ALLOWED) != null) {
            options.putAll(one);
        }
    }

    private static int code(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException(text + " is not the number of an option");
        }
        int code = Integer.parseInt(text);
        DhcpOption.requireConfigurable(code);
        return code;
    }

    private @Nullable Located<byte[]> value(Node node, Located<String> key) {
        if (node instanceof SequenceNode list) {
            return problems.parse(key.with(list), DhcpOptionsReader::addresses, ALLOWED);
        }
        Located<String> text = Section.text(node, key.path(), Key.DHCP_OPTIONS, problems);
        return problems.parse(text, DhcpOptionsReader::bytes, ALLOWED);
    }

    private static byte[] addresses(SequenceNode list) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Node item : list.getValue()) {
            String text = item instanceof ScalarNode scalar ? scalar.getValue() : Section.typeOf(item);
            out.writeBytes(Ipv4Address.parse(text).toBytes());
        }
        return ofOneOption(out.toByteArray());
    }

    private static byte[] bytes(String text) {
        if (text.startsWith(HEX)) {
            String digits = text.substring(HEX.length());
            if (!digits.matches("([0-9A-Fa-f]{2})*")) {
                throw new IllegalArgumentException(text + " has something else than pairs of hexadecimal digits");
            }
            return ofOneOption(HexFormat.of().parseHex(digits));
        }
        if (!US_ASCII.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(text + " is not ASCII");
        }
        return ofOneOption(text.getBytes(US_ASCII));
    }

    private static byte[] ofOneOption(byte[] value) {
        if (value.length == 0 || value.length > MAX_LENGTH) {
            throw new IllegalArgumentException("is of " + value.length + " bytes, not 1 to " + MAX_LENGTH);
        }
        return value;
    }
}
