package io.vireo.benchmarks.dhcp;

import io.vireo.harness.guests.NamespaceGuest;

/** What leases, with the one client that it has. Whoever started it closes it. */
sealed interface Server extends AutoCloseable permits DnsmasqServer, VireoServer {
    /** Where the load generator runs: a namespace whose {@code eth0} leads to the server. */
    NamespaceGuest client();

    @Override
    void close() throws Exception;
}
