package cloudchamber;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.journal.JournalEvent;
import cloudchamber.protocol.serial.SerialNameTable;
import cloudchamber.protocol.wire.WireMessage;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import com.typesafe.config.ConfigFactory;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows of the README, held by the build. Change the table there first, then the one here. */
class ArchitectureTest {
    private static final String ROOT = "cloudchamber.";

    private static final JavaClasses SYSTEM = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test/"))
            .importPackages("cloudchamber");

    /** Who may use whom. A package may always use itself and what lies below it. */
    private static final Map<String, List<String>> ARROWS = new TreeMap<>(Map.ofEntries(
            Map.entry("protocol.model", List.of()),
            Map.entry("protocol", List.of()),
            Map.entry("prompt", List.of("protocol.model")),
            Map.entry("engine", List.of("protocol.model", "prompt")),
            Map.entry("coordinator.smc", List.of()),
            Map.entry("coordinator.method", List.of("coordinator.smc", "coordinator.grade", "protocol.model")),
            Map.entry("coordinator.grade", List.of("protocol.model")),
            Map.entry("coordinator.report", List.of("coordinator.grade", "protocol.model")),
            Map.entry("coordinator.journal", List.of("protocol.model", "protocol.serial")),
            Map.entry("coordinator.dispatch", List.of("protocol")),
            Map.entry(
                    "coordinator.problem",
                    List.of(
                            "coordinator.method",
                            "coordinator.smc",
                            "coordinator.grade",
                            "coordinator.dispatch",
                            "coordinator.journal",
                            "protocol")),
            Map.entry(
                    "coordinator.job",
                    List.of(
                            "coordinator.problem",
                            "coordinator.dispatch",
                            "coordinator.grade",
                            "coordinator.report",
                            "coordinator.journal",
                            "protocol")),
            Map.entry(
                    "coordinator.sweep",
                    List.of(
                            "coordinator.job",
                            "coordinator.problem",
                            "coordinator.dispatch",
                            "coordinator.grade",
                            "coordinator.report",
                            "coordinator.journal",
                            "protocol")),
            Map.entry("coordinator.dashboard", List.of()),
            Map.entry("coordinator.access", List.of("coordinator.job", "coordinator.journal", "protocol.model")),
            Map.entry(
                    "coordinator.http",
                    List.of(
                            "coordinator.access",
                            "coordinator.dashboard",
                            "coordinator.sweep",
                            "coordinator.job",
                            "coordinator.problem",
                            "coordinator.method",
                            "coordinator.dispatch",
                            "coordinator.grade",
                            "coordinator.report",
                            "coordinator.journal",
                            "protocol")),
            Map.entry("worker", List.of("protocol", "prompt")),
            Map.entry("policy", List.of("worker", "protocol", "prompt", "engine")),
            Map.entry("prm", List.of("worker", "protocol", "prompt", "engine")),
            Map.entry("log", List.of()),
            Map.entry("oracle", List.of("protocol.model"))));

    static Stream<Arguments> arrows() {
        return ARROWS.entrySet().stream().map(arrow -> Arguments.of(arrow.getKey(), arrow.getValue()));
    }

    @ParameterizedTest(name = "{0} uses only {1}")
    @MethodSource("arrows")
    void arrowsHold(String from, List<String> to) {
        var allowed = Stream.concat(Stream.of(from), to.stream())
                .map(ArchitectureTest::below)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(below(from))
                .should()
                .dependOnClassesThat(resideInAPackage("cloudchamber..").and(not(resideInAnyPackage(allowed))))
                .check(SYSTEM);
    }

    @Test
    void everyPackageStandsInTheTable() {
        var named = new TreeSet<>(ARROWS.keySet());
        named.addAll(List.of("cli", "client", "console", "models", "node"));
        var strangers = SYSTEM.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> named.stream().noneMatch(known -> (name + ".").startsWith(ROOT + known + ".")))
                .distinct()
                .toList();

        assertThat(strangers).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "protocol.model",
                "coordinator.smc",
                "coordinator.method",
                "coordinator.grade",
                "coordinator.report",
                "oracle"
            })
    void pureMeansTheJdkAlone(String pure) {
        classes()
                .that()
                .resideInAPackage(below(pure))
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java.lang..",
                        "java.util..",
                        "java.math..",
                        "java.nio..",
                        "java.text..",
                        "java.security..",
                        "cloudchamber..")
                .because("a run must replay the same in a test, from the journal and on the cluster")
                .check(SYSTEM);
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol.model", "coordinator.smc", "coordinator.method", "coordinator.grade"})
    void pureCodeHasNoClockAndNoRandomSourceOfItsOwn(String pure) {
        noClasses()
                .that()
                .resideInAPackage(below(pure))
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.util\\.(Random|SplittableRandom|concurrent\\.ThreadLocalRandom)")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Math.class, "random")
                .check(SYSTEM);
    }

    /** Classes move and are renamed; what is stored, or sent by another version, does not. */
    @Test
    void whatIsStoredOrSentHasANameThatIsNoClasss() {
        var table = SerialNameTable.of(ConfigFactory.load(), ArchitectureTest.class.getClassLoader());
        var named =
                table.entries().stream().map(entry -> entry.type().getName()).collect(Collectors.toSet());
        var storedOrSent = SYSTEM.stream()
                .filter(type -> type.isAssignableTo(WireMessage.class) || type.isAssignableTo(JournalEvent.class))
                .filter(type -> !type.isInterface())
                .map(JavaClass::getName)
                .filter(type -> !type.startsWith(ROOT + "bench."))
                .collect(Collectors.toSet());

        assertThat(storedOrSent).hasSizeGreaterThan(60);
        assertThat(named).containsExactlyInAnyOrderElementsOf(storedOrSent);
        assertThat(table.entries())
                .allSatisfy(entry ->
                        assertThat(SYSTEM.stream().map(JavaClass::getName)).doesNotContain(entry.name()));
    }

    /** Neither CBOR nor JSON may say which class is inside. */
    @Test
    void noTypeIsWrittenByTheNameOfItsClass() {
        for (var type : SYSTEM) {
            type.tryGetAnnotationOfType(JsonTypeInfo.class)
                    .ifPresent(info -> assertThat(info.use())
                            .as(type.getName())
                            .isNotIn(JsonTypeInfo.Id.CLASS, JsonTypeInfo.Id.MINIMAL_CLASS));
        }
    }

    @Test
    void memorySegmentsStayInTheBindings() {
        noClasses()
                .that()
                .resideOutsideOfPackage("cloudchamber.engine.binding..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(SYSTEM);
    }

    @Test
    void sqlStaysInTheJournal() {
        noClasses()
                .that()
                .resideOutsideOfPackage("cloudchamber.coordinator.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..")
                .check(SYSTEM);
    }

    @Test
    void theCoordinatorsPackagesHaveNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("cloudchamber.coordinator.(*)..")
                .should()
                .beFreeOfCycles()
                .check(SYSTEM);
    }

    @Test
    void theTableItselfNamesPackagesThatExist() {
        Collection<String> empty = ARROWS.keySet().stream()
                .filter(name ->
                        SYSTEM.stream().noneMatch(type -> (type.getPackageName() + ".").startsWith(ROOT + name + ".")))
                .toList();

        assertThat(empty).isEmpty();
    }

    private static String below(String name) {
        return ROOT + name + "..";
    }
}
