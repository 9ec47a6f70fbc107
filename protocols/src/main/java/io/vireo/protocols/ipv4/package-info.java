/**
 * IPv4 (RFC 791): addresses and prefixes as values, the header as a view.
 *
 * <p>Deliberately not done: reassembly, and the interpretation of options; both are shown ({@code isFragment},
 * {@code headerLength}) and left to the caller.
 */
@NullMarked
package io.vireo.protocols.ipv4;

import org.jspecify.annotations.NullMarked;
