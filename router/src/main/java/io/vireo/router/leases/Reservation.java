package io.vireo.router.leases;

/** What the configuration gives to one client and so to nobody else, within a pool or outside. */
public record Reservation(Client client, Resource resource) {}
