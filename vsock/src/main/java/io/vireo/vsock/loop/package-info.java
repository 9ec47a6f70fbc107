/**
 * The thread that serves a guest's vsock device, and whatever takes part in that without blocking.
 *
 * <p>A guest has a thread of its own: what it does to itself, with floods of packets or by taking its memory away, nobody
 * else is there to notice.
 */
@NullMarked
package io.vireo.vsock.loop;

import org.jspecify.annotations.NullMarked;
