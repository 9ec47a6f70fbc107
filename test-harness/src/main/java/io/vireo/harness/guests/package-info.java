/**
 * Real Linux guests for the tests: their kernels, their virtio drivers, their DHCP client.
 *
 * <pre>
 *  GuestConfig --> UserModeLinux.start --> folder as root (hostfs) ---+
 *              \                                                      +--> Guest: console, exec, kill
 *               -> QemuGuest.start ----> the same folder (initramfs) -+
 * </pre>
 *
 * <p>Both boot the same root folder ({@link io.vireo.harness.guests.GuestRoot}): a static busybox, the kernel modules of
 * virtio-net, and an {@code init} that ends in an agent on the console. The host sends it a command in base64; it answers
 * with the output in base64, each line marked with the command's identifier, and a digest, so that nothing else that the
 * console prints in between can pass for an answer. A damaged answer is asked for again.
 *
 * <p>Invariants: a guest is a session of its own ({@code setsid}); killing, closing or the end of the JVM kills every
 * process of that session and removes the guest's folder. What must be installed on the host and is not fails with the
 * name of its Debian package: tests fail then, they do not skip.
 *
 * <p>{@link io.vireo.harness.guests.NamespaceGuest} has the host's own kernel and programs, and the same agent.
 *
 * <p>{@link io.vireo.harness.guests.KernelBridge} is what the host's own kernel offers in a vhost-user backend's place, to
 * compare with: a bridge and taps in a network namespace of their own.
 *
 * <p>Not done: disks, graceful shutdown (there is nothing to lose), guests that outlive a JVM which was itself killed
 * with SIGKILL.
 */
@NullMarked
package io.vireo.harness.guests;

import org.jspecify.annotations.NullMarked;
