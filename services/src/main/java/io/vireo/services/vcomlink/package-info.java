/**
 * VComLink: what a guest asks its host in packets of JSON.
 *
 * <pre>
 *   guest                                    host, port 2000
 *     | {"channel":2,"request":1}  ------->    |   VcomLinkService: one read is one packet
 *     |                                        |     its channel -> its request -> the answer
 *     | <-------  {"channel":2,"ek":"AAEA..."} |
 *     | -1 as channel              ------->    |
 *     | <-------  {"channel":1,"error":"received malformed packet"}, and the connection ends
 * </pre>
 *
 * <p>A channel is a {@link io.vireo.services.vcomlink.VcomLinkChannel}, and a new one is an object more that the service is
 * made with; one that knows several requests is made of them ({@link io.vireo.services.vcomlink.RequestChannel}). Channel 1
 * carries errors in both directions; those of a guest are noted and not answered.
 *
 * <p>Packets are read as Go's {@code encoding/json} reads them into structures, which guests' programs have been written
 * against: keys match in any case, unknown ones are ignored, of several equal ones the last counts, one that is missing or
 * null is zero, and a number that does not fit is an error.
 */
@NullMarked
package io.vireo.services.vcomlink;

import org.jspecify.annotations.NullMarked;
