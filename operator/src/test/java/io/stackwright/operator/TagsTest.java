package io.stackwright.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAnnotation;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The build chooses tests by their tags: one that it does not know would have its test run nowhere, or in one mode only. */
@AnalyzeClasses(packages = "io.stackwright.operator", importOptions = ImportOption.OnlyIncludeTests.class)
class TagsTest {

    private static final Set<String> BOTH_MODES = Set.of("both-modes", "both-modes-long");

    /** Two of a method: the exception in a class of both modes, and what a build leaves out. */
    private static final Set<String> OTHERS = Set.of("cluster", "node-servers", "embedded-only", "long");

    private static final DescribedPredicate<JavaAnnotation<?>> UNKNOWN = DescribedPredicate.describe(
            "a tag that operator/pom.xml does not know",
            tag -> tag.getRawType().isEquivalentTo(Tag.class)
                    && !BOTH_MODES.contains(valueOf(tag))
                    && !OTHERS.contains(valueOf(tag)));

    private static final DescribedPredicate<JavaClass> IN_BOTH_MODES = DescribedPredicate.describe(
            "are tests of both modes",
            type -> Stream.concat(Stream.of(type), type.getMethods().stream())
                    .flatMap(tagged -> tagged.getAnnotations().stream())
                    .anyMatch(tag -> tag.getRawType().isEquivalentTo(Tag.class) && BOTH_MODES.contains(valueOf(tag))));

    @ArchTest
    static final ArchRule classesHaveKnownTags =
            classes().that().areAnnotatedWith(Tag.class).should().notBeAnnotatedWith(UNKNOWN);

    @ArchTest
    static final ArchRule methodsHaveKnownTags =
            methods().that().areAnnotatedWith(Tag.class).should().notBeAnnotatedWith(UNKNOWN);

    /** The node comes with {@link RunningOperator}; no other operator looks at the mode. */
    @ArchTest
    static final ArchRule theOperatorOfBothModesIsTheOneWithANode =
            classes().that(IN_BOTH_MODES).should().dependOnClassesThat().areAssignableTo(RunningOperator.class);

    @ArchTest
    static final ArchRule nobodyElsePlaysTheNode = noClasses()
            .that(IN_BOTH_MODES)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.stackwright.operator.stack.KubeletDouble");

    private static String valueOf(JavaAnnotation<?> tag) {
        return tag.get("value").map(String::valueOf).orElse("");
    }
}
