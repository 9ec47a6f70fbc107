package io.vireo.router.config;

/** What a {@link StaticRoute} leads to. */
public sealed interface RouteTarget {
    /** To a guest of the same network, by name, which then may send from there, too. */
    record Guest(String name) implements RouteTarget {}

    /** Out to the host. */
    record Uplink() implements RouteTarget {}

    /** Nowhere: dropped, and nobody is told. */
    record Blackhole() implements RouteTarget {}
}
