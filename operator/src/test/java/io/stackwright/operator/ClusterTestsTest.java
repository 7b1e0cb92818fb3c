package io.stackwright.operator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/**
 * The build runs tests of a cluster after all others, and those that stop servers of the node alone: it tells them apart
 * by tags.
 */
@AnalyzeClasses(packages = "io.stackwright.operator", importOptions = ImportOption.OnlyIncludeTests.class)
class ClusterTestsTest {

    private static final String NAMES = ".*Cluster(IT|Run)";

    @ArchTest
    static final ArchRule theyAreTagged =
            classes().that().haveNameMatching(NAMES).should().beAnnotatedWith(Tag.class);

    /** All others have another one beside them. */
    @ArchTest
    static final ArchRule whoStopsServersIsAlone = noClasses()
            .that(are(not(annotatedWith(describe(
                    "@Tag(\"node-servers\")",
                    annotation -> annotation.getRawType().isEquivalentTo(Tag.class)
                            && annotation.get("value").equals(Optional.of("node-servers")))))))
            .should()
            .callMethodWhere(target(name("signal"))
                    .and(target(owner(describe(
                            "the node", owner -> owner.getName().equals("io.stackwright.testkit.LocalNode"))))));

    @ArchTest
    static final ArchRule noOthersUseTheCluster = noClasses()
            .that()
            .haveNameNotMatching(NAMES + "(\\$.*)?")
            .and()
            .haveSimpleNameNotStartingWith("JobNode")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.stackwright.testkit.TestCluster");
}
