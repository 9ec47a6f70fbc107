/** Compares the packets with what pcap4j, which shares no code with them, makes of them. */
@NullMarked
package io.vireo.harness.packets;

import org.jspecify.annotations.NullMarked;
