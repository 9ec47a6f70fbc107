/**
 * Evidence: what the data path costs, by JMH; a whole appliance is measured by the packages below. Run all with {@code ./vireo benchmark}, or those whose name matches a pattern.
 *
 * <p>Each benchmark plays both sides of its rings on one thread, so that nothing waits and the figure is work alone.
 */
@NullMarked
package io.vireo.benchmarks;

import org.jspecify.annotations.NullMarked;
