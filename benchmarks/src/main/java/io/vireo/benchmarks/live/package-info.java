/**
 * Evidence from a whole appliance: Vireo runs in a process of its own, this process plays its guests over real sockets.
 *
 * <p>All guests of a benchmark share one thread, which never waits while it measures: so a machine with two processors has
 * one for the guests and one for the reactor.
 */
@NullMarked
package io.vireo.benchmarks.live;

import org.jspecify.annotations.NullMarked;
