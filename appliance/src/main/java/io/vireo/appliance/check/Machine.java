package io.vireo.appliance.check;

import java.util.Optional;

/** What the check reads of a machine. Nothing here changes anything. */
public interface Machine {
    /** What a program wrote to its standard output. */
    record Output(int exitCode, String text) {}

    /** Whom a file belongs to, by number, and its permission bits. */
    record Access(int owner, int group, int mode) {}

    boolean exists(String path);

    /** Empty where it is not there or may not be looked at. */
    Optional<Access> access(String path);

    /** Whether this process may. */
    boolean mayReadAndWrite(String path);

    /** A small text file without white space at its ends; empty where it is not there or may not be read. */
    Optional<String> read(String path);

    /** Runs a program that only lists something; empty where there is no such program or it does not come to an end. */
    Optional<Output> run(String program, String... arguments);

    static Machine local() {
        return new LocalMachine();
    }
}
