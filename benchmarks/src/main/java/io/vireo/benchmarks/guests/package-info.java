/**
 * Evidence with real guests: two user-mode Linux kernels talk TCP through Vireo and through the host's own kernel.
 *
 * <pre>
 *  GuestsCommand --> Contestant.start --> Network: VireoNetwork or BridgeNetwork
 *        |                                   |
 *        |                       Measurement.take: Iperf3Report, PingReport, CpuTimes
 *        |                                   |
 *     Summary &lt;------------------------------+
 * </pre>
 *
 * <p>Invariants: each run starts its network and guests anew, alone, and ends them; nothing is pinned, for anybody.
 */
@NullMarked
package io.vireo.benchmarks.guests;

import org.jspecify.annotations.NullMarked;
