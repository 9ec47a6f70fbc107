/**
 * What guests ask their host over streams. A service knows {@link io.vireo.services.GuestStream}s, whatever carries them.
 * What comes from a guest is hostile: a length is a claim, and a connection that breaks the rules ends alone.
 */
@NullMarked
package io.vireo.services;

import org.jspecify.annotations.NullMarked;
