/**
 * Real guests for tests: user-mode Linux at native speed, QEMU under TCG with Debian's kernel. Each boots into a shell on its
 * console, over which a test runs commands; none leaves a process behind.
 *
 * <p>What a guest needs comes from Debian's packages; where one is missing the exception names it.
 */
@NullMarked
package io.vireo.harness.guests;

import org.jspecify.annotations.NullMarked;
