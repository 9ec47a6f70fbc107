package io.vireo.appliance.config;

/**
 * A user of the host.
 *
 * @param id its number
 * @param group the number of its own group
 */
public record HostUser(String name, int id, int group) {}
