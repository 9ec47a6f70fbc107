package io.vireo.router.reactor;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a reactor's time went to since it started.
 *
 * @param busyNs turns of its loop that found work, and the first one after them that found none
 * @param idleNs further turns that found none
 * @param asleepNs waiting in the kernel
 * @param busyPolls turns that found work
 * @param emptyPolls turns that found none
 * @param sleeps how often it waited in the kernel
 */
public record ReactorCounters(long busyNs, long idleNs, long asleepNs, long busyPolls, long emptyPolls, long sleeps) {
    /** The same, in this order, under the names that people and scripts read. */
    public Map<String, Long> labelled() {
        Map<String, Long> labelled = new LinkedHashMap<>();
        labelled.put("busy-ns", busyNs);
        labelled.put("idle-ns", idleNs);
        labelled.put("asleep-ns", asleepNs);
        labelled.put("busy-polls", busyPolls);
        labelled.put("empty-polls", emptyPolls);
        labelled.put("sleeps", sleeps);
        return labelled;
    }
}
