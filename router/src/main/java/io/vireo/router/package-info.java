/**
 * The data plane behind one door: {@link io.vireo.router.Router} is started with a {@link io.vireo.router.config.RouterConfig} and
 * runs until it is shut down. What happens with frames is in {@code dataplane}, the threads are in {@code reactor}; what guests
 * are told of their addresses in {@code addresses}, who has which in {@code leases}.
 */
@NullMarked
package io.vireo.router;

import org.jspecify.annotations.NullMarked;
