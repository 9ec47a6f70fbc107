/** Domain names (RFC 1035), as DHCP, DHCPv6 and router advertisements carry them. */
@NullMarked
package io.vireo.protocols.dns;

import org.jspecify.annotations.NullMarked;
