/**
 * A guest's vsock device behind vhost-user: the rings' device side, and what its session may ask.
 */
@NullMarked
package io.vireo.vsock.device;

import org.jspecify.annotations.NullMarked;
