package io.vireo.harness.packets;

import java.net.Inet4Address;

/** An ARP reply over Ethernet (RFC 826), the fields in the order of the wire. */
public record ArpReply(Mac senderMac, Inet4Address senderIp, Mac targetMac, Inet4Address targetIp) {}
