/** {@code vireo demo}: the appliance's main job, shown on two guests that live in the same process. */
@NullMarked
package io.vireo.harness.demo;

import org.jspecify.annotations.NullMarked;
