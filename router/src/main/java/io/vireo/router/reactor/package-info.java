/**
 * The threads of the data plane and the queues between them and everybody else: the only place that uses the Disruptor.
 *
 * <pre>
 *   session threads      --commands--\                      /--punted frames, notices--> address service (one thread)
 *   address service      --answers----> CommandInbox --> Reactor (polls the ports that have work)
 *   control              --commands--/
 * </pre>
 *
 * <p>Invariants: a port belongs to one reactor, all ports of a network to the same one; other threads reach a port through
 * that reactor's inbox alone. A reactor never waits for anybody, and sleeps only when every guest has been asked for
 * kicks.
 *
 * <p>Not done: handing frames from one reactor to another; networks are isolated from each other, so there are none.
 */
@NullMarked
package io.vireo.router.reactor;

import org.jspecify.annotations.NullMarked;
