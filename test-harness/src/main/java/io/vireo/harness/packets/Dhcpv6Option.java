package io.vireo.harness.packets;

/** An option of DHCPv6 as it stands on the wire (RFC 8415, 21.1). */
public record Dhcpv6Option(int code, Octets value) {}
