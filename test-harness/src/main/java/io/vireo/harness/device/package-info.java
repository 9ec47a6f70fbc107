/**
 * The VM's side of a vhost-user network card, in Java: {@link io.vireo.harness.device.VhostUserFrontendDevice} speaks to a
 * real backend over a real socket and real shared memory, with a driver like a guest kernel's.
 */
@NullMarked
package io.vireo.harness.device;

import org.jspecify.annotations.NullMarked;
