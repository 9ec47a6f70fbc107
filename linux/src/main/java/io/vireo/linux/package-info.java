/**
 * Linux system calls through the Foreign Function and Memory API: one typed method each, no policy.
 *
 * <p>The only package of the project that obtains a {@link java.lang.foreign.Linker}. An errno that a caller is expected
 * to handle comes back as a value (for instance {@link io.vireo.linux.Errno#EAGAIN}); every other failure is a
 * {@link io.vireo.linux.LinuxException} that names the call and the errno.
 *
 * <p>Descriptors are owned by {@link io.vireo.linux.Fd}, which closes exactly once. 64-bit little-endian Linux only.
 */
@NullMarked
package io.vireo.linux;

import org.jspecify.annotations.NullMarked;
