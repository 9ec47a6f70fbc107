package io.vireo.fuzz;

/** What Jazzer calls, by the names it has for it. */
public final class JazzerEntry {
    private static FuzzTarget target = _ -> {};

    private JazzerEntry() {}

    /** @param arguments the name of one of {@link Targets} */
    public static void fuzzerInitialize(String[] arguments) throws Exception {
        target = Targets.make(arguments[0]);
        for (byte[] seed : target.seeds()) {
            target.run(new Input(seed)); // classes are loaded, and instrumented, before any input's time counts
        }
    }

    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.run(new Input(input));
    }
}
