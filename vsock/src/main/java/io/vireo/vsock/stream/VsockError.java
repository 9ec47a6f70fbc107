package io.vireo.vsock.stream;

/** What can go wrong with a socket, by the names of errno(3). */
public enum VsockError {
    EACCES("permission denied"),
    EADDRINUSE("the port is in use"),
    EADDRNOTAVAIL("no such address, or no port is free"),
    EAGAIN("nothing happened within the time"),
    EALREADY("a connection is under way already"),
    EBADF("the socket is closed"),
    ECONNREFUSED("nobody listens there"),
    ECONNRESET("the other side reset the connection"),
    EINVAL("that is not possible in this state"),
    EISCONN("the socket is connected already"),
    EMSGSIZE("the message is longer than the other side takes"),
    ENODEV("the guest's device is not served"),
    ENOPROTOOPT("no such option"),
    ENOTCONN("the socket is not connected"),
    EOPNOTSUPP("a socket of this type cannot do that"),
    EPIPE("the other side takes no more"),
    ETIMEDOUT("no answer within the time");

    private final String description;

    VsockError(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
