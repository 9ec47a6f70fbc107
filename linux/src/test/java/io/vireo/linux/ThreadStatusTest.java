package io.vireo.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadStatusTest {
    private static final String STATUS = """
            Name:\tuplink
            Umask:\t0022
            State:\tS (sleeping)
            Tgid:\t4711
            Pid:\t4712
            Uid:\t990\t990\t990\t990
            Gid:\t980\t980\t980\t980
            Groups:\t980\s
            CapInh:\t0000000000000000
            CapPrm:\t0000000000001000
            CapEff:\t0000000000001000
            CapBnd:\t000001ffffffffff
            CapAmb:\t0000000000000000
            NoNewPrivs:\t1
            Seccomp:\t2
            Seccomp_filters:\t1
            """;

    private static final User VIREO = new User("vireo", 990, 980, List.of(980));
    private static final long NET_ADMIN = 1L << Privileges.CAP_NET_ADMIN;

    @Test
    void readsWhatAThreadMayDo() throws Exception {
        assertEquals(
                new ThreadStatus(
                        4712,
                        "uplink",
                        List.of(990, 990, 990, 990),
                        List.of(980, 980, 980, 980),
                        0,
                        0x1000,
                        0x1000,
                        0,
                        true,
                        2),
                ThreadStatus.parse(STATUS));
    }

    @Test
    void anythingTooMuchIsNoticed() throws Exception {
        assertTrue(ThreadStatus.parse(STATUS).isUnprivileged(VIREO, NET_ADMIN));
        assertFalse(ThreadStatus.parse(STATUS).isUnprivileged(VIREO, 0));
        for (String[] change : new String[][] {
            {"990\t990\t990\t990", "990\t990\t0\t990"},
            {"980\t980\t980\t980", "980\t980\t980\t0"},
            {"CapInh:\t0000000000000000", "CapInh:\t0000000000001000"},
            {"CapAmb:\t0000000000000000", "CapAmb:\t0000000000001000"},
            {"CapPrm:\t0000000000001000", "CapPrm:\t0000008000001000"},
            {"CapEff:\t0000000000001000", "CapEff:\t0000000000001001"},
            {"NoNewPrivs:\t1", "NoNewPrivs:\t0"},
            {"Seccomp:\t2", "Seccomp:\t0"},
        }) {
            String changed = STATUS.replace(change[0], change[1]);
            assertFalse(ThreadStatus.parse(changed).isUnprivileged(VIREO, NET_ADMIN), change[1]);
        }
    }

    @Test
    void whatIsMissingOrNoNumberIsAnError() {
        for (String field :
                List.of("Pid", "Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs", "Seccomp")) {
            assertThrows(IOException.class, () -> ThreadStatus.parse(STATUS.replace(field + ":", "Other:")), field);
        }
        assertThrows(IOException.class, () -> ThreadStatus.parse(STATUS.replace("4712", "many")));
        assertThrows(IOException.class, () -> ThreadStatus.parse(STATUS.replace("0000000000001000", "-")));
    }

    @Test
    void thisProcessHasThreads() throws Exception {
        List<ThreadStatus> threads = ThreadStatus.all();
        assertTrue(threads.size() > 1, threads::toString);
        assertTrue(threads.stream().allMatch(thread -> thread.users().get(1) == CurrentProcess.effectiveUserId()));
    }

    @Test
    void usersAreFoundByNameAndNumber() throws Exception {
        User root = User.find("root").orElseThrow();
        assertEquals(0, root.id());
        assertEquals("root", root.name());
        assertTrue(root.groups().contains(root.group()));
        assertEquals(root, User.find("0").orElseThrow());
        assertTrue(User.find("no-such-user-here").isEmpty());
        assertTrue(User.find("999999998").isEmpty());
        assertTrue(User.find("").isEmpty());
    }

    @Test
    void nobodyBecomesRoot() throws Exception {
        User root = User.find("root").orElseThrow();
        assertThrows(IllegalArgumentException.class, () -> Privileges.drop(root, Privileges.CAP_NET_ADMIN));
    }
}
