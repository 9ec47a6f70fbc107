package io.vireo.appliance.config;

import io.vireo.protocols.DomainNames;
import io.vireo.protocols.ipv4.Ipv4Address;
import io.vireo.protocols.ipv6.Ipv6Address;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Host and port as a URL has them (RFC 3986, 3.2): {@code 192.0.2.1:9001}, {@code [2001:db8::1]:9001}, {@code peer:9001}. */
final class TcpAddress {
    private static final Pattern FORM = Pattern.compile("(?:\\[(?<ipv6>[^]]*)]|(?<host>[^:]*)):(?<port>[0-9]{1,5})");
    private static final int MAX_PORT = 65535;

    private TcpAddress() {}

    /** The same, not resolved. @throws IllegalArgumentException that says what is wrong */
    static InetSocketAddress parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not host:port");
        }
        int port = Integer.parseInt(matcher.group("port"));
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is not within 1 to " + MAX_PORT);
        }
        String ipv6 = matcher.group("ipv6");
        String host = ipv6 == null
                ? host(matcher.group("host"))
                : Ipv6Address.parse(ipv6).toString();
        return InetSocketAddress.createUnresolved(host, port);
    }

    /** No top-level domain is a number (RFC 1123, 2.1): what ends in one is an address. */
    private static String host(String text) {
        if (text.matches("(.*\\.)?[0-9]+")) {
            return Ipv4Address.parse(text).toString();
        }
        DomainNames.require(text);
        return text;
    }
}
