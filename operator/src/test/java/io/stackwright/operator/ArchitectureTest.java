package io.stackwright.operator;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.job.RunnerMain;
import io.stackwright.operator.execution.runner.CacheMain;
import io.stackwright.operator.execution.runner.RunStatusWriter;
import io.stackwright.operator.stack.StackController;
import io.stackwright.operator.stack.StackReconciler;
import io.stackwright.operator.update.SlimUpdates;
import io.stackwright.operator.update.Updates;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The rules of the architecture. */
@AnalyzeClasses(
        packages = {"io.stackwright.operator", "io.stackwright.api"},
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String OPERATOR = "io.stackwright.operator.";
    private static final String JOSDK = "io.javaoperatorsdk..";
    private static final String[] KUBERNETES_CLIENT = {"io.fabric8.kubernetes.client..", "io.fabric8.kubernetes.api.."};

    @ArchTest
    static final ArchRule decisionsKnowNoFramework = noClasses()
            .that()
            .resideInAPackage(OPERATOR + "stack.decide..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(JOSDK, "io.fabric8..", "com.pulumi..");

    @ArchTest
    static final ArchRule theEngineKnowsNoKubernetes = noClasses()
            .that()
            .resideInAPackage(OPERATOR + "engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(JOSDK, "io.fabric8..");

    @ArchTest
    static final ArchRule onlyTheAutomationAdapterKnowsPulumisSdk = noClasses()
            .that()
            .resideOutsideOfPackage(OPERATOR + "engine.automation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.pulumi..");

    @ArchTest
    static final ArchRule onlyReconcilersAndKubeKnowJosdk = noClasses()
            .that()
            .resideOutsideOfPackages(OPERATOR + "kube..", OPERATOR + "stack..", OPERATOR + "update..")
            .and()
            .doNotHaveFullyQualifiedName(StackwrightOperator.class.getName())
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JOSDK);

    @ArchTest
    static final ArchRule settingsAndHttpKnowNoKubernetes = noClasses()
            .that()
            .resideInAnyPackage(OPERATOR + "settings..", OPERATOR + "http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(KUBERNETES_CLIENT);

    @ArchTest
    static final ArchRule kubeKnowsNoDomain = noClasses()
            .that()
            .resideInAPackage(OPERATOR + "kube..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    OPERATOR + "stack..",
                    OPERATOR + "update..",
                    OPERATOR + "execution..",
                    OPERATOR + "engine..",
                    OPERATOR + "outputs..",
                    OPERATOR + "source..");

    /** Each may import those to its right only; AGENTS.md names the same order. */
    private static final List<String> ORDER = List.of(
            "stack", "update", "execution", "source", "outputs", "telemetry", "engine", "kube", "inputs", "settings");

    @ArchTest
    static void packagesImportOnlyToTheirRight(JavaClasses classes) {
        for (int i = 1; i < ORDER.size(); i++) {
            String[] left = ORDER.subList(0, i).stream()
                    .map(name -> OPERATOR + name + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(OPERATOR + ORDER.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(left)
                    .check(classes);
        }
    }

    @ArchTest
    static void theOrderNamesEveryPackage(JavaClasses classes) {
        assertThat(classes.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> name.startsWith(OPERATOR))
                        .map(name -> name.substring(OPERATOR.length()).split("\\.")[0])
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(ORDER.stream(), Stream.of("http")).toList());
    }

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(OPERATOR + "(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theApiKnowsNoOperator = noClasses()
            .that()
            .resideInAPackage("io.stackwright.api..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.stackwright.operator..");

    @ArchTest
    static final ArchRule logsGoThroughSlf4j =
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging..");

    @ArchTest
    static final ArchRule onlyTheStartPrints = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(OperatorMain.class.getName())
            .and()
            .doNotHaveFullyQualifiedName(RunnerMain.class.getName())
            .and()
            .doNotHaveFullyQualifiedName(CacheMain.class.getName())
            .and()
            .resideOutsideOfPackage(OPERATOR + "settings..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    /** It sends a DELETE as a GET. */
    @ArchTest
    static final ArchRule nobodySendsRawRequests = noClasses()
            .should()
            .callMethodWhere(target(name("raw")).and(target(owner(resideInAPackage("io.fabric8.kubernetes.client..")))))
            .because("the client sends what is no POST as a GET");

    /** It runs them twice: a thread pool or client made there lives on beside the one that is used. */
    @ArchTest
    static void theFrameworksLambdasMakeNothing(JavaClasses classes) {
        assertThat(classes.get(StackController.class).getConstructorCallsFromSelf())
                .isNotEmpty()
                .noneMatch(JavaConstructorCall::isDeclaredInLambda);
    }

    /** What is cached is shared: these make objects of their own, or change copies that the client hands them. */
    @ArchTest
    static final ArchRule nobodyChangesWhatIsCached = noClasses()
            .that()
            .doNotBelongToAnyOf(
                    Updates.class,
                    SlimUpdates.class,
                    StackReconciler.class,
                    RunStatusWriter.class,
                    Stack.class,
                    Update.class)
            .should()
            .callMethodWhere(target(nameStartingWith("set"))
                    .and(target(owner(belongToAnyOf(
                            ObjectMeta.class,
                            Stack.class,
                            Update.class,
                            Secret.class,
                            ConfigMap.class,
                            Job.class,
                            Pod.class)))));

    @ArchTest
    static final ArchRule nobodySleeps = noClasses()
            .should()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Thread.class, "sleep", long.class, int.class)
            .orShould()
            .callMethod(Thread.class, "sleep", Duration.class);
}
