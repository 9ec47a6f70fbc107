/**
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624), shared by IPv4, ICMP, UDP and TCP.
 *
 * <p>Partial sums are plain {@code long}s that callers add up before they {@code fold} or {@code finish} them.
 */
@NullMarked
package io.vireo.protocols.checksum;

import org.jspecify.annotations.NullMarked;
