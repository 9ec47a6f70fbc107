/**
 * Hours instead of seconds: real guests and one of the harness under mixed load, a hostile one beside them, and a look at
 * whether anything is lost that was not counted, or grows.
 */
@NullMarked
package io.vireo.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
