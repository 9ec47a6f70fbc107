/**
 * {@code vireo demo}: the appliance's main job, shown on two guests that live in the same process; and {@code vireo vsock}, a
 * guest's client and server, as a sample of how its sockets are used.
 */
@NullMarked
package io.vireo.harness.demo;

import org.jspecify.annotations.NullMarked;
