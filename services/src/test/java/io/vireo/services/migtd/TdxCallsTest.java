package io.vireo.services.migtd;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import org.junit.jupiter.api.Test;

class TdxCallsTest {
    @Test
    void theConfigurationChoosesBetweenTheKernelAndTheEmulation() throws Exception {
        EmulatedVmm vmm = new EmulatedVmm(_ -> {});
        assertInstanceOf(NativeTdxCalls.class, TdxCalls.chosen(null, vmm));
        assertInstanceOf(TcpTdxCalls.class, TdxCalls.chosen(TcpEmulationConfig.DEFAULT, vmm))
                .close();
    }
}
