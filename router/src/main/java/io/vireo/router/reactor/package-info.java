/**
 * The threads of the data plane and the queues between them and everybody else: the only place that uses the Disruptor.
 *
 * <pre>
 *   session threads      --commands--\                      /--punted frames, notices--> address service (one thread)
 *   address service      --answers----> CommandInbox --> Reactor (polls the ports that have work)
 *   control              --commands--/
 *
 *   Reactor --frames for another reactor's ports--> Handover --> Arrivals of that Reactor      one for each ordered pair
 * </pre>
 *
 * <p>Invariants: a port belongs to one reactor; other threads reach it through that reactor's inbox alone, and its guest is
 * sent frames by that reactor alone. Of a port of another reactor nothing is read but what is final. A reactor never waits
 * for anybody, and sleeps only when every guest has been asked for kicks and nothing was handed over.
 */
@NullMarked
package io.vireo.router.reactor;

import org.jspecify.annotations.NullMarked;
