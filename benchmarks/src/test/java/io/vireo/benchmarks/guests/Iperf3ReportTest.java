package io.vireo.benchmarks.guests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class Iperf3ReportTest {
    /** The end of a report of iperf 3.12, with its tabs. */
    private static final String REPORT = """
            {
            \t"start":\t{
            \t\t"connected":\t[{
            \t\t\t\t"socket":\t5,
            \t\t\t\t"local_host":\t"127.0.0.1"
            \t\t\t}],
            \t\t"version":\t"iperf 3.12",
            \t\t"system_info":\t"Linux: \\"vm\\" #1\\tSMP"
            \t},
            \t"intervals":\t[],
            \t"end":\t{
            \t\t"sum_sent":\t{
            \t\t\t"start":\t0,
            \t\t\t"end":\t1.000202,
            \t\t\t"bytes":\t2323906560,
            \t\t\t"bits_per_second":\t18587497805.4433,
            \t\t\t"retransmits":\t17,
            \t\t\t"sender":\ttrue
            \t\t},
            \t\t"sum_received":\t{
            \t\t\t"seconds":\t1.004249,
            \t\t\t"bytes":\t2322595840,
            \t\t\t"bits_per_second":\t1.85e10,
            \t\t\t"sender":\ttrue
            \t\t}
            \t}
            }
            """;

    @Test
    void tellsWhatTheServerReceivedAndTheClientRepeated() {
        assertEquals(new Iperf3Report(2_322_595_840L, 18.5e9, 17), Iperf3Report.parse(REPORT));
        assertEquals(18.5, Iperf3Report.parse(REPORT).gigabits());
    }

    @Test
    void anErrorIsQuoted() {
        String json = "{\n\t\"end\":\t{},\n\t\"error\":\t\"unable to connect to server: Connection refused\"\n}";
        assertEquals(
                "iperf3: unable to connect to server: Connection refused",
                assertThrows(IllegalArgumentException.class, () -> Iperf3Report.parse(json))
                        .getMessage());
    }

    @Test
    void whatIsMissingIsNamed() {
        String json = REPORT.replace("retransmits", "repeats");
        assertEquals(
                "a report of iperf3 without end.sum_sent.retransmits",
                assertThrows(IllegalArgumentException.class, () -> Iperf3Report.parse(json))
                        .getMessage());
    }

    @Test
    void whatIsNoReportIsRefused() {
        for (String text : new String[] {"", "iperf3: command not found", "{\"end\": ", "[1, 2]"}) {
            assertThrows(IllegalArgumentException.class, () -> Iperf3Report.parse(text), text);
        }
    }
}
