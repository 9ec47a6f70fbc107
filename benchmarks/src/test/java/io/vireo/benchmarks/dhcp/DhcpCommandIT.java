package io.vireo.benchmarks.dhcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** One pair of short runs, the figures of which are only printed: they are the machine's. Takes root. */
@Timeout(300)
class DhcpCommandIT {
    @Test
    void tellsHowManyLeasesEachServerGives() {
        StringWriter text = new StringWriter();
        CommandLine command = new CommandLine(new DhcpCommand()).setOut(new PrintWriter(text));
        assertEquals(0, command.execute("--pairs", "1", "--seconds", "1"), text::toString);
        System.out.println(text);
        assertTrue(text.toString().matches("(?s).*Vireo [1-9]\\d* .*, dnsmasq [1-9]\\d* .*"), text::toString);
    }
}
