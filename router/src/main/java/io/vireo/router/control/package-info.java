/**
 * The control virtqueue of a network device (virtio 1.3, 5.1.6.5), for frontends that hand it over; most keep it.
 *
 * <pre>
 *   chain of the ring --segments--> ControlCommand --private copy--> ControlQueue --status--> the chain's first writable byte
 * </pre>
 *
 * <p>Invariants: a command is judged on a private, bounded copy; whatever a driver sends is answered with a status where
 * there is room for one, and changes something only if it is answered with OK; no command breaks the ring. Confined to the
 * thread that serves the port; allocates nothing.
 *
 * <p>Not done: filters. A guest is sent what is addressed to it, so receive modes and MAC tables are accepted and change
 * nothing. VLANs, RSS and coalescing are not offered.
 */
@NullMarked
package io.vireo.router.control;

import org.jspecify.annotations.NullMarked;
