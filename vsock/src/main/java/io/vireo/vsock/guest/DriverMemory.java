package io.vireo.vsock.guest;

/** The guest's memory, which the device sees under other addresses. */
public interface DriverMemory {
    /** @return the address, in this process, of {@code bytes} bytes that are the caller's for good */
    long allocate(long bytes);

    /** What the device calls an address of this process. */
    long guestAddress(long address);
}
