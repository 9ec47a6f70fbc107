/**
 * The vhost-user protocol (docs/interop/vhost-user.rst of QEMU): what both ends share. The end that serves a device is in
 * {@code io.vireo.vhostuser.backend}, the VMM's end in {@code io.vireo.vhostuser.frontend}.
 *
 * <pre>
 *  0 request u32 | 4 flags u32 | 8 size u32 | payload of size bytes        (+ descriptors, with the first byte)
 * </pre>
 *
 * <p>Numbers are in the host's byte order, little endian on all hosts that this project runs on.
 */
@NullMarked
package io.vireo.vhostuser;

import org.jspecify.annotations.NullMarked;
