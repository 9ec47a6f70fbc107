/** Boots real guests, without a network, and checks what the launchers promise about them. */
@NullMarked
package io.vireo.harness.guests;

import org.jspecify.annotations.NullMarked;
