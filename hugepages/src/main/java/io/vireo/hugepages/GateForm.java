package io.vireo.hugepages;

/**
 * What the bounds gate ({@link GuestMemory#translate}) answers. A guest's memory has one form from its mapping to its end.
 *
 * <p>The bounded form finds mistakes of whoever touches guest memory; it is for tests, which start the JVM with {@code
 * -Dvireo.gate=bounded}. In such a process both forms work side by side; in any other the bounded one does not exist, and
 * costs nothing in compiled code.
 */
public enum GateForm {
    /** Addresses of this process: whatever is computed from one is touched. */
    ABSOLUTE,
    /** Handles, with which one can reckon as with addresses, but touch nothing beside the very range that passed. */
    BOUNDED;

    private static final String PROPERTY = "vireo.gate";

    /** The form in this process, unless another is asked for. */
    public static GateForm ofThisProcess() {
        return BOUNDED.name().equalsIgnoreCase(System.getProperty(PROPERTY)) ? BOUNDED : ABSOLUTE;
    }
}
