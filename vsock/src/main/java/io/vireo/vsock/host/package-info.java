/**
 * The host's side of all guests that have vsock: who they are, and what their connections reach.
 */
@NullMarked
package io.vireo.vsock.host;

import org.jspecify.annotations.NullMarked;
