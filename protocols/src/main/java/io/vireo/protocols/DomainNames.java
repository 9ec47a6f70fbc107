package io.vireo.protocols;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** Domain names in the form that DNS, router advertisements and DHCP share (RFC 1035 section 3.1). Stateless. */
public final class DomainNames {
    /** Of one name on the wire, root label included (RFC 1035 section 2.3.4). */
    private static final int MAXIMUM_LENGTH = 255;

    /** The preferred syntax of RFC 1035 section 2.3.1 as RFC 1123 section 2.1 widens it, and the underscore. */
    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?");

    private DomainNames() {}

    /**
     * The names one after the other, each as its labels and the root label, not compressed.
     *
     * @param names with or without a dot at the end
     * @throws IllegalArgumentException for what is not a domain name, the root alone included
     */
    public static byte[] encode(List<String> names) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String name : names) {
            out.writeBytes(encode(name));
        }
        return out.toByteArray();
    }

    private static byte[] encode(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        for (String label : relative.split("\\.", -1)) {
            if (!LABEL.matcher(label).matches()) {
                throw new IllegalArgumentException("\"%s\" is not a domain name, such as example.com".formatted(name));
            }
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        if (out.size() > MAXIMUM_LENGTH) {
            throw new IllegalArgumentException(
                    "domain name of %d bytes, at most %d fit".formatted(out.size(), MAXIMUM_LENGTH));
        }
        return out.toByteArray();
    }
}
