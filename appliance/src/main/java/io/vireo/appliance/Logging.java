package io.vireo.appliance;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** The one thing about logs that is decided while running; the rest is in logback.xml. */
final class Logging {
    private Logging() {}

    /** Debug messages of our own code, not of the libraries'. */
    static void setVerbose() {
        if (LoggerFactory.getLogger("io.vireo") instanceof Logger logger) {
            logger.setLevel(Level.DEBUG);
        }
    }
}
