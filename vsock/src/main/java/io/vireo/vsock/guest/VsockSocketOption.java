package io.vireo.vsock.guest;

import java.net.SocketOption;
import java.time.Duration;

/** What {@link VsockSocket#getsockopt} and {@link VsockSocket#setsockopt} know. */
public record VsockSocketOption<T>(String name, Class<T> type) implements SocketOption<T> {
    /**
     * SO_VM_SOCKETS_BUFFER_SIZE: bytes that the other side may send before they are read, 4096 to 16 MiB, rounded up to a
     * power of two. To be set before the socket is connected.
     */
    public static final VsockSocketOption<Integer> BUFFER_SIZE =
            new VsockSocketOption<>("SO_VM_SOCKETS_BUFFER_SIZE", Integer.class);

    /** SO_VM_SOCKETS_CONNECT_TIMEOUT: 2 seconds unless it is set. */
    public static final VsockSocketOption<Duration> CONNECT_TIMEOUT =
            new VsockSocketOption<>("SO_VM_SOCKETS_CONNECT_TIMEOUT", Duration.class);

    /** SO_RCVTIMEO: how long recv and accept wait; zero, as it is unless it is set, for any time. */
    public static final VsockSocketOption<Duration> RECEIVE_TIMEOUT =
            new VsockSocketOption<>("SO_RCVTIMEO", Duration.class);
}
