package io.vireo.harness.packets;

import java.net.Inet6Address;
import java.util.Optional;

/**
 * A neighbour advertisement (RFC 4861, 4.4) that its section 7.1.2 lets a node accept.
 *
 * @param router R
 * @param solicited S
 * @param override O
 * @param targetLinkLayer of the target
 */
public record NaResponse(
        Inet6Address srcIp,
        Inet6Address dstIp,
        Inet6Address targetIp,
        boolean router,
        boolean solicited,
        boolean override,
        Optional<Mac> targetLinkLayer) {}
