package io.vireo.appliance.check;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine of which exactly that is there which a test puts there; a directory is there if anything in it is. */
final class FakeMachine implements Machine {
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, Access> accesses = new HashMap<>();
    private final Map<String, Output> programs = new HashMap<>();

    /** With everything that a configuration with an uplink needs, and root for a user. */
    static FakeMachine complete() {
        return new FakeMachine()
                .with("/dev/net/tun", "")
                .with("/proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\nSeccomp:\t0\nSeccomp_filters:\t0")
                .with("/proc/self/limits", """
                        Limit                     Soft Limit           Hard Limit           Units
                        Max open files            20000                20000                files
                        Max locked memory         16777216             unlimited            bytes""")
                .with("/proc/meminfo", """
                        MemTotal:       16384000 kB
                        HugePages_Total:      64
                        HugePages_Free:       60
                        HugePages_Rsvd:        2
                        Hugepagesize:       2048 kB""")
                .with("/proc/sys/kernel/io_uring_disabled", "0")
                .with("/proc/sys/net/ipv4/ip_forward", "1")
                .with("/proc/sys/net/ipv6/conf/all/forwarding", "1")
                .withProgram("nft", 0, Rulesets.of(Rulesets.nat("postrouting"), Rulesets.MASQUERADE));
    }

    FakeMachine with(String path, String text) {
        files.put(path, text);
        return this;
    }

    FakeMachine withAccess(String path, int owner, int group, int mode) {
        accesses.put(path, new Access(owner, group, mode));
        return with(path, "");
    }

    FakeMachine without(String path) {
        files.remove(path);
        return this;
    }

    FakeMachine withProgram(String name, int exitCode, String output) {
        programs.put(name, new Output(exitCode, output));
        return this;
    }

    FakeMachine withoutProgram(String name) {
        programs.remove(name);
        return this;
    }

    @Override
    public boolean exists(String path) {
        return files.keySet().stream()
                .anyMatch(file -> file.equals(path) || file.startsWith(path.replaceAll("/*$", "/")));
    }

    @Override
    public Optional<Access> access(String path) {
        return Optional.ofNullable(accesses.get(path));
    }

    @Override
    public boolean mayReadAndWrite(String path) {
        return exists(path) && !files.getOrDefault(path, "").equals("closed");
    }

    @Override
    public Optional<String> read(String path) {
        return Optional.ofNullable(files.get(path));
    }

    @Override
    public Optional<Output> run(String program, String... arguments) {
        Output output = programs.get(program);
        boolean isAsked = !program.equals("nft") || List.of(arguments).equals(List.of("-j", "list", "ruleset"));
        return isAsked ? Optional.ofNullable(output) : Optional.empty();
    }
}
