package io.vireo.harness.packets;

import java.net.Inet6Address;

/**
 * A prefix information option (RFC 4861, 4.6.2).
 *
 * @param prefix the bits beyond {@code prefixLength} are zero
 * @param onLink L
 * @param autonomous A: guests make addresses of it
 * @param validLifetime seconds, 0xFFFFFFFF for ever
 * @param preferredLifetime seconds, not longer than the valid one
 */
public record PrefixInfo(
        Inet6Address prefix,
        int prefixLength,
        boolean onLink,
        boolean autonomous,
        long validLifetime,
        long preferredLifetime) {}
