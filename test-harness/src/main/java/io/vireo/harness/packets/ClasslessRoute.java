package io.vireo.harness.packets;

import java.net.Inet4Address;

/**
 * One route of the classless static route option (RFC 3442).
 *
 * @param prefixLength 0 to 32
 * @param router 0.0.0.0 for a destination on the link itself
 */
public record ClasslessRoute(Inet4Address destination, int prefixLength, Inet4Address router) {}
