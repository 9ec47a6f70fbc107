/**
 * Every byte of shared memory and its lifetime.
 *
 * <p>{@link io.vireo.hugepages.SharedMemory} is memory of our own, in huge pages where the host has them.
 * {@link io.vireo.hugepages.GuestMemory} is a guest's: an immutable snapshot of its memory table, and the one gate through
 * which a guest's addresses become addresses of this process. {@link io.vireo.hugepages.HostMemory} reads and writes such
 * addresses.
 *
 * <p>Invariants: no address reaches {@code HostMemory} but through the gate or from memory of our own; a mapping has one
 * owner, who unmaps it only after every reader has let go of it (an access after that ends the process).
 */
@NullMarked
package io.vireo.hugepages;

import org.jspecify.annotations.NullMarked;
