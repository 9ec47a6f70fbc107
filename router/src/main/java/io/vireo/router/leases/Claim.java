package io.vireo.router.leases;

/** What a client can have one of. */
record Claim(Client client, Kind kind) {}
