package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.appliance.Main;
import io.vireo.harness.guests.Host;
import io.vireo.harness.guests.Swtpm;
import io.vireo.services.tpm.EndorsementKey;
import io.vireo.services.tpm.TpmAddress;
import io.vireo.services.tpm.TpmService;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The TPM's client with a real one; what it tells is compared with what tpm2-tools read. */
@Timeout(120)
class TpmIT {
    private static final String KEY = "0x81000001";
    private static final int RSA_2048 = 314;

    @TempDir
    private Path folder;

    @Test
    void provisionsTheKeyThatTpm2ToolsWouldMake() throws IOException {
        try (Swtpm swtpm = Swtpm.start(folder)) {
            String where = " at " + KEY + " of the TPM at " + swtpm.socket() + "\n";
            assertEquals("an endorsement key was created" + where, provision(swtpm, 0));
            byte[] key = swtpm.publicArea(EndorsementKey.HANDLE);
            assertEquals(RSA_2048, key.length);

            swtpm.run(
                    "tpm2_createek",
                    "-c",
                    "0x81000002",
                    "-G",
                    "rsa",
                    "-u",
                    folder.resolve("ek").toString());
            assertArrayEquals(swtpm.publicArea(0x8100_0002), key);
            assertEquals("", swtpm.run("tpm2_getcap", "handles-transient"), "nothing is left in the TPM's memory");

            assertEquals("there is a key already" + where, provision(swtpm, 0));
            assertArrayEquals(key, swtpm.publicArea(EndorsementKey.HANDLE));
        }
    }

    @Test
    void aTpmThatRefusesSaysWhy() throws IOException {
        try (Swtpm swtpm = Swtpm.start(folder)) {
            swtpm.run("tpm2_changeauth", "-c", "owner", "secret");
            assertEquals("vireo: TPM2_EvictControl: TPM_RC_BAD_AUTH\n", provision(swtpm, 1));
            assertEquals("", swtpm.run("tpm2_getcap", "handles-transient"), "nothing is left in the TPM's memory");
        }
    }

    @Test
    void theServiceFindsATpmThatComesBack() throws IOException {
        try (Swtpm swtpm = Swtpm.start(folder);
                TpmService service = new TpmService(TpmAddress.unix(swtpm.socket()))) {
            IOException none = assertThrows(IOException.class, service::endorsementKey);
            assertTrue(String.valueOf(none.getMessage()).endsWith("TPM2_ReadPublic: TPM_RC_HANDLE"), none.getMessage());

            provision(swtpm, 0);
            byte[] key = swtpm.publicArea(EndorsementKey.HANDLE);
            assertArrayEquals(key, service.endorsementKey());

            swtpm.kill();
            assertThrows(IOException.class, service::endorsementKey);
            swtpm.start();
            assertArrayEquals(key, service.endorsementKey());
            assertArrayEquals(key, swtpm.publicArea(EndorsementKey.HANDLE), "others are served too");
        }
    }

    /** A terminal in raw mode, behind which socat has the emulator, is a character device to whoever opens it. */
    @Test
    void theServiceAsksADevice() throws IOException {
        Path device = folder.resolve("tpm0");
        try (Swtpm swtpm = Swtpm.start(folder)) {
            provision(swtpm, 0);
            byte[] key = swtpm.publicArea(EndorsementKey.HANDLE);
            Process socat = new ProcessBuilder(
                            Host.program("socat", "socat").toString(),
                            "PTY,raw,echo=0,link=" + device,
                            "UNIX-CONNECT:" + swtpm.socket())
                    .start();
            try (TpmService service = new TpmService(TpmAddress.device(device))) {
                while (!Files.exists(device)) {
                    assertTrue(socat.isAlive(), "socat has ended");
                    LockSupport.parkNanos(1_000_000);
                }
                assertArrayEquals(key, service.endorsementKey());
            } finally {
                socat.destroyForcibly().onExit().join();
            }
        }
    }

    /** What the command prints, on either stream. */
    private String provision(Swtpm swtpm, int exitCode) throws IOException {
        Path config = Files.writeString(folder.resolve("vireo.yaml"), """
                tpm: {unix: %s}
                networks:
                  - {name: default, ipv4: 10.0.0.0/24}
                guests:
                  - {name: vm1, network: default, mac: "52:54:00:12:34:01", ipv4: 10.0.0.5}
                """.formatted(swtpm.socket()));
        StringWriter printed = new StringWriter();
        assertEquals(
                exitCode,
                Main.commandLine()
                        .setOut(new PrintWriter(printed))
                        .setErr(new PrintWriter(printed, true))
                        .execute("tpm", "provision", "--config", config.toString()),
                printed::toString);
        return printed.toString();
    }
}
