/**
 * The backend's end of vhost-user: a listening socket per device, one session at a time on it, and the interface that a
 * device implements.
 *
 * <pre>
 *   VhostUserServer  accepts; one thread, which also runs the session
 *     VhostUserSession  speaks the protocol, owns the guest's memory and descriptors
 *       VhostUserDevice  starts, enables and stops rings, on whatever thread serves them
 * </pre>
 *
 * <p>A session never touches a running ring: it asks the device and waits. Nothing is unmapped and no descriptor closed
 * before the device has let go. A violation of the protocol ends the session with a log line; the socket listens on. A
 * second frontend waits in the listen queue until the first one is gone.
 *
 * <p>Not done: logging for migration, post-copy, IOTLB, in-band notifications, in-flight tracking; none is offered.
 */
@NullMarked
package io.vireo.vhostuser.backend;

import org.jspecify.annotations.NullMarked;
