package io.vireo.appliance.check;

import io.vireo.linux.User;
import io.vireo.services.tpm.TpmAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether the TPM is there for the user that is to ask it. It is not asked: an emulator may serve one at a time. */
final class TpmCheck {
    private static final int READ_AND_WRITE = 6;

    private final Machine machine;
    private final TpmAddress tpm;
    private final @Nullable User user;
    private final int userId;

    /**
     * @param user whom the process becomes; empty: it stays who it is
     * @param userId who it is
     */
    TpmCheck(Machine machine, TpmAddress tpm, Optional<User> user, int userId) {
        this.machine = machine;
        this.tpm = tpm;
        this.user = user.orElse(null);
        this.userId = userId;
    }

    Finding find() {
        String path = tpm.path().toString();
        if (!machine.exists(path)) {
            return Finding.lacks("there is no TPM at " + path + "; VComLink answers with errors", cureOfAbsence());
        }
        Machine.Access access = machine.access(path).orElse(null);
        if (access == null) {
            return Finding.unknown("whether " + path + " may be opened: it cannot be examined");
        }
        return mayUse(access)
                ? Finding.ok("the TPM at " + path + " may be opened")
                : Finding.lacks(
                        "%s may not be opened by %s; VComLink answers with errors"
                                .formatted(path, user == null ? "this user" : user.name()),
                        cure(access));
    }

    private String cureOfAbsence() {
        return switch (tpm) {
            case TpmAddress.Unix(var path) ->
                "swtpm socket --tpm2 --tpmstate dir=DIRECTORY --server type=unixio,path=" + path
                        + " --flags startup-clear";
            case TpmAddress.Device _ -> "modprobe tpm_tis || modprobe tpm_crb; or switch it on in the firmware's setup";
        };
    }

    /** Of another user only the file's mode can tell, of this one the kernel. */
    private boolean mayUse(Machine.Access access) {
        if (user == null) {
            return machine.mayReadAndWrite(tpm.path().toString());
        }
        if (access.owner() == user.id()) {
            return includesAll(access.mode() >> 6);
        }
        return includesAll(user.groups().contains(access.group()) ? access.mode() >> 3 : access.mode());
    }

    private static boolean includesAll(int bits) {
        return (bits & READ_AND_WRITE) == READ_AND_WRITE;
    }

    private String cure(Machine.Access access) {
        String who = user == null ? String.valueOf(userId) : user.name();
        String name = user == null ? "$(id -nu " + userId + ")" : user.name();
        return includesAll(access.mode() >> 3) && access.group() != 0
                ? "usermod -a -G %d %s".formatted(access.group(), name)
                : "chown %s %s".formatted(who, tpm.path());
    }
}
