package io.vireo.harness;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.net.Inet6Address;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules between packages that the modules' dependencies alone do not enforce. Tests are exempt, and benchmarks, which
 * are not on this class path.
 */
class ArchitectureTest {
    private static final JavaClasses VIREO = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.vireo");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "linux.Epoll",
                "hugepages.GuestMemory",
                "virtqueue.device.DeviceRing",
                "vhostuser.backend.VhostUserServer",
                "protocols.dhcp.DhcpResponder",
                "protocols.dhcpv6.Dhcpv6Responder",
                "router.reactor.Reactor",
                "appliance.Main",
                "harness.device.VhostUserFrontendDevice"
            })
    void theRulesSeeEveryModule(String name) {
        assertTrue(VIREO.contain("io.vireo." + name), name);
    }

    @Test
    void onlyLinuxCallsNativeCode() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.vireo.linux")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .check(VIREO);
    }

    /** An address's literal form is read by the platform; names are not resolved. */
    @Test
    void protocolsDoNoInputOrOutput() {
        noClasses()
                .that()
                .resideInAPackage("io.vireo.protocols..")
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                                .and(not(belongToAnyOf(InetAddress.class, Inet6Address.class))))
                .orShould()
                .callMethod(InetAddress.class, "getByName", String.class)
                .orShould()
                .callMethod(InetAddress.class, "getAllByName", String.class)
                .check(VIREO);
    }

    @Test
    void protocolsKnowNoThreads() {
        noClasses()
                .that()
                .resideInAPackage("io.vireo.protocols..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent..")
                .check(VIREO);
    }

    @Test
    void onlyTheReactorsPackageKnowsTheDisruptor() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.vireo.router.reactor")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.lmax.disruptor..")
                .check(VIREO);
    }

    @Test
    void onlyCommandLinesKnowPicocli() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.vireo.appliance..", "io.vireo.harness.demo..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("picocli..")
                .check(VIREO);
    }

    @Test
    void onlyTheApplianceReadsYaml() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.vireo.appliance..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.snakeyaml..", "org.yaml..")
                .check(VIREO);
    }

    @Test
    void theProductDoesNotNeedItsTestsOrBenchmarks() {
        noClasses()
                .that()
                .resideInAPackage("io.vireo..")
                .and()
                .resideOutsideOfPackages("io.vireo.harness..", "io.vireo.benchmarks..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vireo.harness..", "io.vireo.benchmarks..")
                .check(VIREO);
    }

    @Test
    void packagesDependOnEachOtherInOneDirectionOnly() {
        slices().matching("io.vireo.(**)").should().beFreeOfCycles().check(VIREO);
    }
}
