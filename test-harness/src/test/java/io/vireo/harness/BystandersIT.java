package io.vireo.harness;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vireo.router.config.Addressing;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The witnesses of the tests of bad input see what they are there to see. */
@Timeout(60)
class BystandersIT {
    private static final long A_WHILE_NS = 200_000_000;
    private static final int MOST_LATE = 100;

    private TestRouter router;
    private Bystanders bystanders;

    @BeforeEach
    void start() throws Exception {
        router = TestRouter.start(Addressing.SUBNET, 2);
        bystanders = Bystanders.start(router, 1, 2);
        bystanders.assertUnharmed();
    }

    @AfterEach
    void end() throws Exception {
        bystanders.close();
        router.close();
    }

    @Test
    void seeThatADatagramIsLost() throws Exception {
        bystanders.sender().device().enableTransmitting(false);
        LockSupport.parkNanos(A_WHILE_NS);
        bystanders.sender().device().enableTransmitting(true);
        assertSees("was due");
    }

    @Test
    void seeThatADatagramIsLate() throws Exception {
        int base = bystanders.sender().device().stopTransmitting();
        LockSupport.parkNanos(A_WHILE_NS);
        bystanders.sender().device().resumeTransmitting(base);
        assertSees(" took ");
    }

    /** And nothing of it afterwards, once the last of what was late has come. */
    private void assertSees(String what) throws Exception {
        AssertionError error = assertThrows(AssertionError.class, bystanders::assertUnharmed);
        assertTrue(String.valueOf(error.getMessage()).contains(what), error.getMessage());
        for (int i = 0; i < MOST_LATE && !areUnharmed(); i++) {
            Thread.onSpinWait();
        }
        bystanders.assertUnharmed();
    }

    private boolean areUnharmed() throws InterruptedException {
        try {
            bystanders.assertUnharmed();
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }
}
