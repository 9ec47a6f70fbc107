/**
 * What lies between a guest's connection and whoever it is connected to: a {@link io.vireo.vsock.stream.Pipe} each way, and
 * for blocking code a {@link io.vireo.vsock.stream.VsockStream} over both. A pipe's free room is the credit that its
 * producer is given, so who stops reading stops the one who writes, wherever that is, and nobody else.
 */
@NullMarked
package io.vireo.vsock.stream;

import org.jspecify.annotations.NullMarked;
