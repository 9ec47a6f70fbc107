package io.vireo.benchmarks.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class VireoProcessTest {
    private static final List<String> OWN = List.of("-Xmx1g", "-XX:+UseSerialGC", "-agentlib:jdwp=server=y");

    @Test
    void aProcessHasTheFlagsOfThisOneButItsDebugger() {
        assertEquals(List.of("-Xmx1g", "-XX:+UseSerialGC", "-Xlog:gc"), VireoProcess.flags(OWN, List.of("-Xlog:gc")));
    }

    @Test
    void aProcessHasOneCollector() {
        assertEquals(List.of("-Xmx1g", "-XX:+UseZGC"), VireoProcess.flags(OWN, List.of("-XX:+UseZGC")));
    }
}
