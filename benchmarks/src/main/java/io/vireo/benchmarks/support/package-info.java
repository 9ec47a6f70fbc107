/** What the benchmarks of whole processes have in common: how one is started and ended, and how figures are summed up. */
@NullMarked
package io.vireo.benchmarks.support;

import org.jspecify.annotations.NullMarked;
