/**
 * vsock of a guest in QEMU, by Vireo and by rust-vmm's vhost-device-vsock, in turn.
 *
 * <pre>
 *  QEMU: Debian's kernel --- virtqueues ---> backend --- hybrid Unix socket ---> this process
 *        vsock-load                          Vireo, or vhost-device-vsock       HybridHost
 * </pre>
 */
@NullMarked
package io.vireo.benchmarks.vsock;

import org.jspecify.annotations.NullMarked;
