/**
 * Virtio-vsock (virtio 1.3, 5.10): connections between a guest and its host, without a network.
 */
@NullMarked
package io.vireo.vsock;

import org.jspecify.annotations.NullMarked;
