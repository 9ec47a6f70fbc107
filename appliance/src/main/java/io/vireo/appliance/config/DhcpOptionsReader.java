package io.vireo.appliance.config;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vireo.protocols.dhcp.DhcpOption;
import io.vireo.protocols.ipv4.Ipv4Address;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Reads DHCP options that are given by number, and makes bytes of them. */
final class DhcpOptionsReader {
    private static final String HEX = "hex:";
    private static final int MAX_LENGTH = 255;

    private final Problems problems;

    DhcpOptionsReader(Problems problems) {
        this.problems = problems;
    }

    Map<Integer, byte[]> read(Located<Node> node) {
        Map<Integer, byte[]> options = new TreeMap<>();
        if (!(node.value() instanceof MappingNode mapping)) {
            problems.add(node, "is " + Section.typeOf(node.value()), Key.DHCP_OPTIONS.allowed);
            return options;
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String name = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            int line = Section.line(tuple.getKeyNode());
            Located<String> key = new Located<>(name, line, node.path() + "." + name);
            Located<Integer> code = problems.parse(key, DhcpOptionsReader::code, Key.DHCP_OPTIONS.allowed);
            Located<byte[]> value =
                    problems.parse(key.with(tuple.getValueNode()), DhcpOptionsReader::value, Key.DHCP_OPTIONS.allowed);
            if (code != null && value != null && options.putIfAbsent(code.value(), value.value()) != null) {
                problems.add(key, "is there already", "each option once");
            }
        }
        return options;
    }

    private static int code(String text) {
        if (!text.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException(text + " is not the number of an option");
        }
        int code = Integer.parseInt(text);
        DhcpOption.requireConfigurable(code);
        return code;
    }

    private static byte[] value(Node node) {
        byte[] value = switch (node) {
            case SequenceNode sequence -> addresses(sequence);
            case ScalarNode scalar -> bytes(scalar.getValue());
            default -> throw new IllegalArgumentException("is " + Section.typeOf(node));
        };
        if (value.length == 0 || value.length > MAX_LENGTH) {
            throw new IllegalArgumentException("has " + value.length + " bytes, not 1 to " + MAX_LENGTH);
        }
        return value;
    }

    private static byte[] bytes(String text) {
        if (text.startsWith(HEX)) {
            return HexFormat.of().parseHex(text.substring(HEX.length()));
        }
        if (!US_ASCII.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("is not ASCII text");
        }
        return text.getBytes(US_ASCII);
    }

    private static byte[] addresses(SequenceNode sequence) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Node item : sequence.getValue()) {
            String text = item instanceof ScalarNode scalar ? scalar.getValue() : Section.typeOf(item);
            out.writeBytes(Ipv4Address.parse(text).toBytes());
        }
        return out.toByteArray();
    }
}
