/**
 * ARP for IPv4 over Ethernet (RFC 826): the packet's view, and the responder that makes a guest send everything to the
 * gateway, by proxy ARP (RFC 1027) where the guest believes its peers are on its link.
 *
 * <p>Deliberately not done: requests of our own and a cache. A guest's MAC address is configured, not learned.
 */
@NullMarked
package io.vireo.protocols.arp;

import org.jspecify.annotations.NullMarked;
