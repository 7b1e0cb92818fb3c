package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.CancelToken;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.OperationResult;
import io.stackwright.operator.engine.OutputValue;
import io.stackwright.operator.engine.ProgressListener;
import io.stackwright.operator.engine.PulumiEngine;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnershipTest {

    private static final Workspace WORKSPACE =
            new Workspace(Path.of("."), new StackId("organization", "p", "s"), Map.of(), Path.of("."));

    private static final String BUCKET = "s3://states";

    @TempDir
    private Path folder;

    private final TaggedStack backend = new TaggedStack();
    private final Ownership ownership = new Ownership(backend, new Owners());

    @Test
    void aStackThatWasCreatedIsMarked() {
        // when
        boolean adopted = ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1");

        // then
        assertThat(adopted).isFalse();
        assertThat(backend.tags).containsEntry(OwnershipMark.TAG, "here/ns/uid-1/created");
    }

    @Test
    void aStackThatExistedIsAdopted() {
        // given
        backend.exists = true;
        backend.resources = List.of("urn:pulumi:s::p::pulumi:pulumi:Stack::p-s");

        // when
        boolean adopted = ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1");

        // then
        assertThat(adopted).isTrue();
        assertThat(backend.tags).containsEntry(OwnershipMark.TAG, "here/ns/uid-1/adopted");
    }

    @ParameterizedTest
    @CsvSource({
        // A run of ours that died between creating and recording.
        "here/ns/uid-1/created,false",
        "here/ns/uid-1/adopted,true",
        // The Stack was re-created or restored: the one that the mark names is gone.
        "here/ns/uid-gone/created,false",
        "here/ns/uid-gone/adopted,true"
    })
    void itsOwnStackIsTakenUpAgain(String mark, boolean expected) {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, mark);

        // when, then
        assertThat(ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1")).isEqualTo(expected);
        assertThat(ownership.established(WORKSPACE, "uid-1")).contains(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "here/ns/uid-2/created",
        "elsewhere/ns/uid-1/created",
        "elsewhere/ns/uid-gone/adopted",
        "here/unseen/uid-gone/created"
    })
    void anothersStackIsRefusedAndKeepsItsMark(String mark) {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, mark);

        // when, then
        assertThatThrownBy(() -> ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1"))
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().reason()).isEqualTo(Reason.IdentityClaimed);
                    assertThat(e.failure().message()).doesNotContain("uid-2").doesNotContain("elsewhere");
                });
        assertThat(backend.tags).containsEntry(OwnershipMark.TAG, mark);
    }

    @ParameterizedTest
    @CsvSource({"here/ns/uid-2/created", "elsewhere/ns/uid-gone/adopted", "here/ns/uid-gone/created"})
    void anothersStackIsNotEstablished(String mark) {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, mark);

        // when, then
        assertThat(ownership.established(WORKSPACE, "uid-1")).isEmpty();
    }

    @Test
    void theMarkOfALostInstallationProvesNothing() {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, "elsewhere/ns/uid-1/created");

        // when, then
        assertThatThrownBy(() -> ownership.established(WORKSPACE, "uid-1"))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().reason()).isEqualTo(Reason.IdentityClaimed));
    }

    @Test
    void whatIsKnownToHaveBeenOursIsAlsoOursUnderTheMarkOfTheObjectThatWasRestored() {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, "here/ns/uid-gone/created");

        // when, then
        assertThat(ownership.establishedBefore(WORKSPACE, "uid-1")).contains(false);
    }

    @ParameterizedTest
    @CsvSource({"here/ns/uid-2/created", "elsewhere/ns/uid-gone/adopted", "elsewhere/ns/uid-1/created"})
    void whatIsKnownToHaveBeenOursIsNotGoneBecauseItHasAnothersMark(String mark) {
        // given
        backend.exists = true;
        backend.tags.put(OwnershipMark.TAG, mark);

        // when, then
        assertThatThrownBy(() -> ownership.establishedBefore(WORKSPACE, "uid-1"))
                .isInstanceOf(EngineException.class);
    }

    @Test
    void aStackThatIsMarkedWhileItIsLookedAtBelongsToWhoeverMarkedIt() {
        // given another operator that has created it, and marks it next
        backend.exists = true;
        backend.whileExported = () -> backend.tags.put(OwnershipMark.TAG, "elsewhere/ns/uid-3/created");

        // when, then
        refused(() -> ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1"));
        assertThat(backend.tags).containsEntry(OwnershipMark.TAG, "elsewhere/ns/uid-3/created");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMarkThatAnotherOneWasSetOverAtOnceIsNotOurs(boolean exists) {
        // given
        backend.exists = exists;
        backend.onceSet = () -> backend.tags.put(OwnershipMark.TAG, "elsewhere/ns/uid-3/created");

        // when, then
        refused(() -> ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1"));
    }

    @ParameterizedTest
    @CsvSource({
        // Another cluster's, or that of a namespace that nobody here sees, or that of a living Stack.
        "elsewhere/ns/uid-3/created",
        "here/unseen/uid-3/adopted",
        "here/ns/uid-2/created"
    })
    void whatHasBecomeAnothersByItsMarkIsNotRunAgain(String mark) throws IOException {
        // given
        backend.tags.put(OwnershipMark.TAG, mark);
        String files = backendOfFiles("{\"version\":1,\"tags\":{\"stackwright:owner\":\"" + mark + "\"}}");

        // when, then
        refused(() -> ownership.confirm(WORKSPACE, BUCKET, "uid-1", true));
        refused(() -> ownership.confirm(WORKSPACE, files, "uid-1", false));
    }

    @ParameterizedTest
    @CsvSource({
        "here/ns/uid-1/created",
        // The installation's Secret was lost.
        "elsewhere/ns/uid-1/created",
        // The Stack was restored as another object, with its status.
        "here/ns/uid-gone/created",
        "''"
    })
    void whatIsOursOrNobodysIsRunOn(String mark) throws IOException {
        // given
        backend.tags.put(OwnershipMark.TAG, mark);
        String files = backendOfFiles("{\"version\":1,\"tags\":{\"stackwright:owner\":\"" + mark + "\"}}");

        // when, then
        assertThatCode(() -> ownership.confirm(WORKSPACE, BUCKET, "uid-1", true))
                .doesNotThrowAnyException();
        assertThatCode(() -> ownership.confirm(WORKSPACE, files, "uid-1", false))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{\"version\":1,\"ta", "{\"version\":1}", "[]"})
    void noProcessTellsOfTheMarkWhereOnlyAFileWouldBeLookedAt(String content) throws IOException {
        // given
        backend.refused = true;
        String files = backendOfFiles(content);

        // when, then
        assertThatCode(() -> ownership.confirm(WORKSPACE, BUCKET, "uid-1", false))
                .doesNotThrowAnyException();
        assertThatCode(() -> ownership.confirm(WORKSPACE, files, "uid-1", false))
                .doesNotThrowAnyException();
    }

    @Test
    void aStackThatIsGoneIsLeftToTheDestroyThatFindsSo() {
        // given
        backend.missing = true;

        // when, then
        assertThatCode(() -> ownership.confirm(WORKSPACE, BUCKET, "uid-1", true))
                .doesNotThrowAnyException();
    }

    @Test
    void anEmptyStackWithoutAMarkIsWhatADyingRunOfOursLeft() {
        // given
        backend.exists = true;

        // when, then
        assertThat(ownership.establish(WORKSPACE, BUCKET, "ns", "uid-1")).isFalse();
    }

    @Test
    void aStackThatDoesNotExistIsNobodys() {
        // given
        backend.missing = true;

        // when, then
        assertThat(ownership.established(WORKSPACE, "uid-1")).isEmpty();
    }

    @Test
    void aBackendThatRefusesUsSaysNothingAboutTheOwner() {
        // given
        backend.refused = true;

        // when, then
        assertThatThrownBy(() -> ownership.established(WORKSPACE, "uid-1")).isInstanceOf(EngineException.class);
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(EngineException.class, e -> {
            assertThat(e.failure().reason()).isEqualTo(Reason.IdentityClaimed);
            assertThat(e.failure().message()).doesNotContain("uid-", "elsewhere");
        });
    }

    /** A folder in which the stack has such a file of tags. */
    private String backendOfFiles(String tags) throws IOException {
        Path file = folder.resolve(".pulumi/stacks/p/s.pulumi-tags");
        Files.createDirectories(file.getParent());
        Files.writeString(file, tags);
        return "file://" + folder;
    }

    /** Stacks uid-1 and uid-2 live in the one namespace that is watched. */
    private static final class Owners implements StackOwners {
        @Override
        public String installation() {
            return "here";
        }

        @Override
        public boolean isGone(String namespace, String stackUid) {
            return namespace.equals("ns") && !Set.of("uid-1", "uid-2").contains(stackUid);
        }
    }

    /** Test double of a backend with one stack; the real CLI's part of this is in StackIdentityIT. */
    private static final class TaggedStack implements PulumiEngine {

        @Override
        public void importState(Workspace workspace, JsonNode state) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void releaseLocks(Workspace workspace) {
            throw new UnsupportedOperationException();
        }

        private Runnable whileExported = () -> {};
        private Runnable onceSet = () -> {};
        private boolean exists;
        private boolean missing;
        private boolean refused;
        private List<String> resources = List.of();
        private final Map<String, String> tags = new HashMap<>();

        @Override
        public boolean createStack(Workspace workspace) {
            boolean created = !exists;
            exists = true;
            return created;
        }

        @Override
        public Map<String, String> tags(Workspace workspace) {
            if (missing) {
                throw new EngineException(new Failure(Failure.Kind.FAILED, Reason.StackNotFound, "no stack"));
            }
            if (refused) {
                throw new EngineException(new Failure(Failure.Kind.INVALID, Reason.BackendAuthenticationFailed, "no"));
            }
            return Map.copyOf(tags);
        }

        @Override
        public void setTag(Workspace workspace, String name, String value) {
            tags.put(name, value);
            onceSet.run();
        }

        @Override
        public void removeTag(Workspace workspace, String name) {
            tags.remove(name);
        }

        @Override
        public String version() {
            throw new UnsupportedOperationException();
        }

        @Override
        public OperationResult preview(Workspace w, OperationOptions o, ProgressListener l, CancelToken c) {
            throw new UnsupportedOperationException();
        }

        @Override
        public OperationResult up(Workspace w, OperationOptions o, ProgressListener l, CancelToken c) {
            throw new UnsupportedOperationException();
        }

        @Override
        public OperationResult refresh(Workspace w, OperationOptions o, ProgressListener l, CancelToken c) {
            throw new UnsupportedOperationException();
        }

        @Override
        public OperationResult destroy(Workspace w, OperationOptions o, ProgressListener l, CancelToken c) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, OutputValue> outputs(Workspace workspace) {
            throw new UnsupportedOperationException();
        }

        @Override
        public JsonNode export(Workspace workspace) {
            whileExported.run();
            ObjectNode deployment = JsonNodeFactory.instance.objectNode();
            resources.forEach(deployment.withObject("/deployment").withArray("/resources")::add);
            return deployment;
        }

        @Override
        public void install(Workspace workspace, Duration timeout, CancelToken cancel) {
            throw new UnsupportedOperationException();
        }
    }
}
