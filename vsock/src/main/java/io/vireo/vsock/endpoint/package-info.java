/**
 * One side of a vsock device, whichever it is: connections, credit, resets. It knows packets, not rings.
 *
 * <pre>
 *   rings ──► received ──► Connection ──► pipe ──►   whoever the connection is with: a VsockStream,
 *   rings ◄──── pump ◄──── in turns  ◄── pipe ◄──   a socket of the host, another guest's Connection
 * </pre>
 */
@NullMarked
package io.vireo.vsock.endpoint;

import org.jspecify.annotations.NullMarked;
