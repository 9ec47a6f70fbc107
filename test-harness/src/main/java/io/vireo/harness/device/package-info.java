/**
 * The VM's side of vhost-user devices, in Java, with a driver like a guest kernel's: {@link
 * io.vireo.harness.device.VhostUserFrontendDevice} of a network card, {@link
 * io.vireo.harness.device.VsockFrontendDevice} and {@link io.vireo.harness.device.RawVsockGuest} of a vsock device speak to a real backend over a real socket and real shared memory.
 */
@NullMarked
package io.vireo.harness.device;

import org.jspecify.annotations.NullMarked;
