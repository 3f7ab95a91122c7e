package cloudchamber;

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
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The layout, held by the build. Each package says in its {@code package-info} which packages it may use ("May use:");
 * the code must use these and no others.
 */
class ArchitectureTest {
    private static final String ROOT = "cloudchamber.";
    private static final String GENERATED = ROOT + "protocol.grpc";
    private static final int MOST_FILES = 32;
    private static final int MOST_LINES = 500;

    /** Circles of classes that are no sealed family, and why they stay. */
    private static final Map<Set<String>, String> CIRCLES = Map.of(
            Set.of("Brackets", "Factors", "Reader"),
                    "the grammar of answers: an expression is in parentheses in an expression",
            Set.of("Normal", "Polynomial"), "the algebra: a polynomial's exponents are normal forms of polynomials");

    private static final String[] JDK = {
        "java.io..",
        "java.lang..",
        "java.util..",
        "java.math..",
        "java.nio..",
        "java.text..",
        "java.time..",
        "java.security..",
        "cloudchamber.."
    };

    /**
     * The libraries of pure packages, one each. Grading searches a text for an expression that a client wrote: the
     * engine of the JDK backtracks, for longer than anybody waits; RE2 takes time linear in the text.
     */
    private static final Map<String, String> LIBRARIES = Map.of(ROOT + "coordinator.grade", "com.google.re2j..");

    private static final JavaClasses SYSTEM = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test/") && !location.contains("-tests.jar"))
            .importPackages("cloudchamber");

    private static final SourceTree SOURCES = SourceTree.read();

    // ---- packages

    static Collection<String> packages() {
        return SOURCES.packages().keySet();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageUsesWhatItSaysAndNothingElse(String name) {
        var said = SOURCES.mayUse().get(name);
        assertThat(said)
                .as("the package-info of %s, which says \"May use: …\"", name)
                .isNotNull();
        if (!said.everything()) {
            assertThat(used(name)).isEqualTo(new TreeSet<>(said.packages()));
        }
    }

    /** Other packages that a package's classes depend on; constants are seen in the sources alone. */
    private static Set<String> used(String name) {
        var compiled = SYSTEM.stream()
                .filter(type -> type.getPackageName().equals(name))
                .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
                .map(dependency ->
                        dependency.getTargetClass().getBaseComponentType().getPackageName());
        var imported = SOURCES.packages().get(name).stream().flatMap(source -> source.importedPackages().stream());
        return Stream.concat(compiled, imported)
                .filter(used -> used.startsWith(ROOT) && !used.equals(name))
                .map(used -> used.substring(ROOT.length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void packagesHaveNoCircles() {
        SlicesRuleDefinition.slices()
                .matching("cloudchamber.(**)")
                .should()
                .beFreeOfCycles()
                .check(SYSTEM);
    }

    @Test
    void packagesAreSmall() {
        assertThat(SOURCES.packages())
                .allSatisfy((name, files) -> assertThat(files).hasSizeLessThanOrEqualTo(MOST_FILES));
    }

    static Stream<String> purePackages() {
        return SOURCES.mayUse().entrySet().stream()
                .filter(said -> said.getValue().jdk())
                .map(Map.Entry::getKey);
    }

    @ParameterizedTest
    @MethodSource("purePackages")
    void pureMeansTheJdkAlone(String pure) {
        classes()
                .that()
                .resideInAPackage(pure)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(Stream.concat(Stream.of(JDK), Stream.ofNullable(LIBRARIES.get(pure)))
                        .toArray(String[]::new))
                .because("a run must replay the same in a test, from the journal and on the cluster")
                .check(SYSTEM);
    }

    // ---- classes

    @Test
    void classesHaveNoCirclesButInASealedFamily() {
        var circles = Circles.of(SYSTEM).stream()
                .filter(circle -> !circle.getFirst().startsWith(GENERATED))
                .filter(circle -> !isSealedFamily(circle))
                .map(circle -> circle.stream().map(ArchitectureTest::simple).collect(Collectors.toSet()))
                .collect(Collectors.toSet());

        assertThat(circles).isEqualTo(CIRCLES.keySet());
    }

    /** Whether all classes are of one sealed kind. */
    private static boolean isSealedFamily(List<String> circle) {
        var members = circle.stream().map(SYSTEM::get).toList();
        return members.stream()
                .flatMap(member -> Stream.concat(Stream.of(member), member.getAllRawInterfaces().stream()))
                .filter(kind ->
                        kind.getName().startsWith(ROOT) && kind.reflect().isSealed())
                .anyMatch(kind -> members.stream().allMatch(member -> member.isAssignableTo(kind.getName())));
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    @Test
    void classesAreShort() {
        assertThat(SOURCES.all())
                .allSatisfy(source ->
                        assertThat(source.lines()).as(source.simpleName()).isLessThanOrEqualTo(MOST_LINES));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "protocol.model",
                "prompt",
                "coordinator.smc",
                "coordinator.method",
                "coordinator.grade",
                "coordinator.membership"
            })
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
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
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

    private static String below(String name) {
        return ROOT + name + "..";
    }
}
