package io.vireo.appliance.check;

import io.vireo.services.tpm.TpmAddress;

/** Whether the TPM is there for the user that is to ask it. It is not asked: an emulator may serve one at a time. */
final class TpmCheck {
    private final Machine machine;
    private final TpmAddress tpm;
    private final UserAccess access;

    TpmCheck(Machine machine, TpmAddress tpm, UserAccess access) {
        this.machine = machine;
        this.tpm = tpm;
        this.access = access;
    }

    Finding find() {
        String path = tpm.path().toString();
        if (!machine.exists(path)) {
            return Finding.lacks("there is no TPM at " + path + "; VComLink answers with errors", cureOfAbsence());
        }
        Machine.Access file = machine.access(path).orElse(null);
        if (file == null) {
            return Finding.unknown("whether " + path + " may be opened: it cannot be examined");
        }
        return access.mayUse(tpm.path(), file)
                ? Finding.ok("the TPM at " + path + " may be opened")
                : Finding.lacks(
                        "%s may not be opened by %s; VComLink answers with errors".formatted(path, access.userName()),
                        access.cure(tpm.path(), file));
    }

    private String cureOfAbsence() {
        return switch (tpm) {
            case TpmAddress.Unix(var path) ->
                "swtpm socket --tpm2 --tpmstate dir=DIRECTORY --server type=unixio,path=" + path
                        + " --flags startup-clear";
            case TpmAddress.Device _ -> "modprobe tpm_tis || modprobe tpm_crb; or switch it on in the firmware's setup";
        };
    }
}
