/**
 * Brings services and the connections of guests together: services know streams, vsock knows connections, and neither the
 * other.
 */
@NullMarked
package io.vireo.appliance.services;

import org.jspecify.annotations.NullMarked;
