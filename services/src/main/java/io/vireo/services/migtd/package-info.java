/**
 * Migration TDs: what MigTD asks its host for, and the way from one MigTD to the other.
 *
 * <pre>
 *   program in a guest                       guest's vsock port
 *         |  TdxCalls                               |
 *   TcpTdxCalls -- TDREPORT --&gt; NativeTdxCalls      |
 *         |  MigTdChannel                        MigTdRelay
 *         |  MigTdCodec                             |  MigTdPump, one a direction
 *         +---------------- bytes ------------------+------------ TCP ------------ the other host
 * </pre>
 *
 * <p>{@link io.vireo.services.migtd.TdxCalls} are the calls of a MigTD, with the buffers of Intel's Guest-Host-Communication
 * Interface 1.5 (GHCI). {@link io.vireo.services.migtd.TcpTdxCalls} answers the four that concern migration over a stream of
 * bytes, and leaves the others to the calls that it wraps. {@link io.vireo.services.migtd.MigTdRelay} joins a guest's
 * connection with one over TCP, as MigTD's documents do with socat.
 *
 * <p>Two framings, which both ends of a connection have to agree on ({@link io.vireo.services.migtd.MigTdFraming}). A length
 * from the wire is a claim: no memory is set aside for it, and one beyond {@link
 * io.vireo.services.migtd.MigTdCodec#MAX_MESSAGE} ends the connection.
 *
 * <p>Not done: the calls that a kernel alone can make (TDG.SERVTD.RD and WR, quotes over TDVMCALL), and protection of what is
 * relayed: the two MigTDs do that from end to end.
 */
@NullMarked
package io.vireo.services.migtd;

import org.jspecify.annotations.NullMarked;
