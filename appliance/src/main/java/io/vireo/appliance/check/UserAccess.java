package io.vireo.appliance.check;

import io.vireo.linux.User;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the user that the process is to be may read and write a file, and what cures it if not. */
final class UserAccess {
    private static final int READ_AND_WRITE = 6;

    private final Machine machine;
    private final @Nullable User user;
    private final int userId;

    /**
     * @param user whom the process becomes; empty: it stays who it is
     * @param userId who it is
     */
    UserAccess(Machine machine, Optional<User> user, int userId) {
        this.machine = machine;
        this.user = user.orElse(null);
        this.userId = userId;
    }

    /** For people. */
    String userName() {
        return user == null ? "this user" : user.name();
    }

    /** Of another user only the file's mode can tell, of this one the kernel. */
    boolean mayUse(Path file, Machine.Access access) {
        if (user == null) {
            return machine.mayReadAndWrite(file.toString());
        }
        if (access.owner() == user.id()) {
            return includesAll(access.mode() >> 6);
        }
        return includesAll(user.groups().contains(access.group()) ? access.mode() >> 3 : access.mode());
    }

    private static boolean includesAll(int bits) {
        return (bits & READ_AND_WRITE) == READ_AND_WRITE;
    }

    String cure(Path file, Machine.Access access) {
        String who = user == null ? String.valueOf(userId) : user.name();
        String name = user == null ? "$(id -nu " + userId + ")" : user.name();
        return includesAll(access.mode() >> 3) && access.group() != 0
                ? "usermod -a -G %d %s".formatted(access.group(), name)
                : "chown %s %s".formatted(who, file);
    }
}
