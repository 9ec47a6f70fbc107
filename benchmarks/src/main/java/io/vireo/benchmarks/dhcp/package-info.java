/**
 * Evidence: leases a second, by Kea's load generator, of Vireo and of dnsmasq.
 *
 * <pre>
 *  perfdhcp | tap --pump--> virtqueue --> Vireo, a process of its own
 *  perfdhcp | tap --wire--> tap | dnsmasq
 * </pre>
 *
 * <p>Invariants: client and server are in namespaces of their own, without names; every frame of either contestant passes one
 * thread of this process, with as many system calls; each run starts its server anew, alone, and ends it.
 */
@NullMarked
package io.vireo.benchmarks.dhcp;

import org.jspecify.annotations.NullMarked;
