/**
 * Sockets of a guest's side, over the driver's side of a vsock device's rings.
 *
 * <pre>
 *   program ──► VsockSocket ──► VsockStream ──► two pipes ──► Endpoint ──► DriverPort ──► rings
 *   any thread                                                └────── the VsockDriver's loop
 * </pre>
 *
 * <p>{@link io.vireo.vsock.guest.VsockSocket} has the calls of Berkeley sockets, as AF_VSOCK programs know them, and fails
 * with the same errors, by name. The endpoint is the one that serves the device's side, too: only who is whose peer differs.
 *
 * <p>Not done: privileged ports, datagrams, which the device has no packets for, and non-blocking mode.
 */
@NullMarked
package io.vireo.vsock.guest;

import org.jspecify.annotations.NullMarked;
