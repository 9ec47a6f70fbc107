/**
 * Vireo against DPDK's vhost backend, side by side: the same generator, the same cores, in alternation.
 *
 * <pre>
 *   core G                                        core B
 *   generator: dpdk-testpmd, 5tswap      ┌──►  DpdkBackend: dpdk-testpmd, io forwarding of two net_vhost ports
 *   two net_virtio_user ports  ──────────┤         or
 *   (and all that is not measured)       └──►  VireoBackend: vireo run, two guests of one network
 * </pre>
 *
 * A fixed number of frames bounces between the two guests for ever. So throughput is a matter of both cores, and the slower
 * one sets it: that is why the time that each core spends on a frame is told beside it, and a run counts only if nothing
 * was dropped. Every run starts both processes anew.
 */
@NullMarked
package io.vireo.benchmarks.dpdk;

import org.jspecify.annotations.NullMarked;
