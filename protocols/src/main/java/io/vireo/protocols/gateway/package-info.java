/** Who Vireo is to its guests: constants that every protocol's responder shares. */
@NullMarked
package io.vireo.protocols.gateway;

import org.jspecify.annotations.NullMarked;
