package io.vireo.appliance;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** What is decided about logs while running; the rest is in logback.xml. */
public final class Logging {
    private Logging() {}

    /** Debug messages of our own code, not of the libraries'. */
    static void setVerbose() {
        own().setLevel(Level.DEBUG);
    }

    /** Warnings alone, for a command that tells everything itself; unless debug messages were asked for. */
    public static void setQuiet() {
        Logger own = own();
        if (own.getLevel() != Level.DEBUG) {
            own.setLevel(Level.WARN);
        }
    }

    private static Logger own() {
        return (Logger) LoggerFactory.getLogger("io.vireo");
    }
}
