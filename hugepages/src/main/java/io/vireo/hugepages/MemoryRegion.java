package io.vireo.hugepages;

/**
 * One row of a vhost-user memory table (vhost-user, "Memory region description"): where a piece of a guest's memory lies
 * for the guest, for the frontend, and in the file that comes along.
 *
 * @param guestAddress guest physical address, bytes
 * @param size bytes
 * @param userAddress the frontend's own virtual address of it
 * @param fileOffset where it starts in the file, bytes
 */
public record MemoryRegion(long guestAddress, long size, long userAddress, long fileOffset) {
    /** No frontend has more address bits; everything below is safe to add without a thought for overflow. */
    private static final long ADDRESS_LIMIT = 1L << 52;

    /** @throws GuestMemoryException if it is empty or any of its ranges leaves the address space */
    public void validate() throws GuestMemoryException {
        if (size <= 0 || size > ADDRESS_LIMIT) {
            throw new GuestMemoryException("memory region " + this + " has an impossible size");
        }
        if (isOutside(guestAddress) || isOutside(fileOffset)) {
            throw new GuestMemoryException("memory region " + this + " leaves the address space");
        }
        // A frontend's address is only ever compared, and may lie anywhere, but it must not wrap.
        if (Long.compareUnsigned(userAddress + size, userAddress) < 0) {
            throw new GuestMemoryException("memory region " + this + " wraps around the address space");
        }
    }

    private boolean isOutside(long start) {
        return start < 0 || start > ADDRESS_LIMIT - size;
    }

    public boolean overlaps(MemoryRegion other) {
        return guestAddress < other.guestAddress + other.size && other.guestAddress < guestAddress + size;
    }

    /** Whether they are the same to guest and frontend (vhost-user, "VHOST_USER_REM_MEM_REG"). */
    boolean isAt(MemoryRegion other) {
        return guestAddress == other.guestAddress && userAddress == other.userAddress && size == other.size;
    }

    @Override
    public String toString() {
        return "[guest 0x%x, size 0x%x, user 0x%x, offset 0x%x]".formatted(guestAddress, size, userAddress, fileOffset);
    }
}
