package io.vireo.virtqueue.device;

/** What a driver did that no driver may; the clauses are those of virtio 1.3. */
public enum RingFault {
    /** 2.7.6: a driver never has more chains available than the ring has entries. */
    AVAILABLE_INDEX_TOO_FAR("the available index is ahead by more than the queue size"),
    /** 2.7.6: an available entry is the head of a chain in the descriptor table. */
    HEAD_OUT_OF_RANGE("an available entry names a descriptor outside the table"),
    /** 2.7.5: next is an index into the descriptor table. */
    NEXT_OUT_OF_RANGE("a descriptor's next lies outside the table"),
    /**
     * 2.7.5.2, 2.7.5.3.1 and 2.8.17: a driver must not create a descriptor chain longer than the queue size, in an indirect
     * table neither; a loop is one without end.
     */
    CHAIN_TOO_LONG("a descriptor chain is longer than the queue, or a loop"),
    /** 2.7.5.3.1 and 2.8.19: indirect descriptors only where negotiated. */
    INDIRECT_NOT_NEGOTIATED("an indirect descriptor, which was not negotiated"),
    /** 2.7.5.3.1 and 2.8.19: no chain goes on behind an indirect table, and a packed ring's chain does not lead to one. */
    INDIRECT_WITHIN_CHAIN("an indirect descriptor within a chain"),
    /** 2.7.5.3.1: an indirect table does not refer to another one. */
    INDIRECT_NESTED("an indirect descriptor within an indirect table"),
    /** 2.7.5.3 and 2.8.7: an indirect table is an array of descriptors. */
    INDIRECT_TABLE_LENGTH("an indirect table whose length is zero or no multiple of 16"),
    /**
     * 5.1.6.2 and 5.1.6.3: transmit buffers are readable, receive buffers writable. 2.7.4.2 and 2.8.17: in a chain of both
     * the writable ones come last.
     */
    WRONG_DIRECTION("a descriptor of the wrong direction for this queue"),
    /** 2.7.5: a descriptor refers to guest memory. */
    ADDRESS_OUTSIDE_MEMORY("a descriptor's range lies outside the guest's memory"),
    /** The frontend took away memory that it had shared. */
    MEMORY_LOST("the guest's memory file was truncated");

    private final String description;

    RingFault(String description) {
        this.description = description;
    }

    public String description() {
        return description;
    }
}
