/**
 * Messages over a stream, which has no boundaries of its own: each message has a header with its length. Nothing here keeps
 * a state between messages, and one object serves any number of streams and threads.
 *
 * <pre>
 * +------------------+------------------------+------------------+
 * | "VSOK" (4 bytes) | length (4, big endian) | payload          |   {@link io.vireo.services.enclave.VsockProtocol}
 * +------------------+------------------------+------------------+
 * </pre>
 *
 * <p>Other formats are other {@link io.vireo.services.enclave.MessageProtocol}s, with errors of their own type. A reader's
 * memory grows with the bytes that came, and not with the length that a header claims.
 */
@NullMarked
package io.vireo.services.enclave;

import org.jspecify.annotations.NullMarked;
