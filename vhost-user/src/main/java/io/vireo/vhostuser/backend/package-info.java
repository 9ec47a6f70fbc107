/**
 * The backend's end of vhost-user: a listening socket per device, one session at a time on it, and the interface that a
 * device implements.
 *
 * <pre>
 *   VhostUserServer, VhostUserClient  find frontends; one thread, which also runs the session
 *     VhostUserSession  what the frontend says and is answered
 *       SessionMemory   the guest's memory: tables and slots
 *       SessionRings    what was told of each ring, and which of them are served
 *         SessionInflight  tells a successor where they stopped
 *         VhostUserDevice  starts, enables and stops rings, on whatever thread serves them
 * </pre>
 *
 * <p>A session never touches a running ring: it asks the device and waits. Nothing is unmapped and no descriptor closed
 * before the device has let go. A violation of the protocol ends the session with a log line, of which a guest has so many a
 * minute; the socket listens on. A second frontend waits in the listen queue until the first one is gone, or has given way
 * ({@code Succession}).
 *
 * <p>Descriptors: each is in one place, in the message's list or with its new owner, and is taken from the list when what it
 * is for has let go of the one before. What is left in the list is closed with the message.
 *
 * <p>Not done: logging for migration, post-copy, IOTLB, in-band notifications; none is offered.
 */
@NullMarked
package io.vireo.vhostuser.backend;

import org.jspecify.annotations.NullMarked;
