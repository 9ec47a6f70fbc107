/** The frontend's end of vhost-user, as a VMM has it: each request as a method. */
@NullMarked
package io.vireo.vhostuser.frontend;

import org.jspecify.annotations.NullMarked;
