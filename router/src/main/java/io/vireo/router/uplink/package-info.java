/**
 * The way to the host and to the world: a TUN device with a queue for each reactor.
 *
 * <pre>
 *   guest's memory --- pieces ---&gt; UplinkQueue.add ... flush ---&gt; kernel: routes, forwards, delivers
 *   guests' buffers &lt;-- copied --- own huge pages &lt;-- read ------- kernel: what has a route to the device
 * </pre>
 */
@NullMarked
package io.vireo.router.uplink;

import org.jspecify.annotations.NullMarked;
