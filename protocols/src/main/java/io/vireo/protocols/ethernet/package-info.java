/**
 * Ethernet II (IEEE 802.3 clause 3, RFC 894): addresses, the frame header, and the types Vireo knows.
 *
 * <p>Deliberately not done: 802.3 length framing and VLAN tags. A tagged frame shows its tag as its type ({@link
 * io.vireo.protocols.ethernet.EtherType#VLAN}), so that the router drops it by type.
 */
@NullMarked
package io.vireo.protocols.ethernet;

import org.jspecify.annotations.NullMarked;
