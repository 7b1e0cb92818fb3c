package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.engine.StackId;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.execution.RunRequest.Tags;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Material;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.source.StackKey;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {

    @TempDir
    private Path folder;

    @Test
    void aCommittedFileOfAnySizeIsNeverReadAsAWhole() throws Exception {
        // given more than any array can hold, without taking the room on disk
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("Pulumi.prod.yaml").toFile(), "rw")) {
            file.setLength(4L << 30);
        }
        SettingsFile settings = new SettingsFile(request(), null, null, null, null);
        Workspace workspace = new Workspace(folder, new StackId("organization", "shop", "prod"), Map.of(), folder);

        // when
        EngineException refusal = catchThrowableOfType(EngineException.class, () -> settings.load(workspace, "yaml"));

        // then
        assertThat(refusal).isNotNull();
        assertThat(refusal.failure().reason()).isEqualTo(Reason.SettingsConflict);
        assertThat(refusal.failure().message()).contains("too large");
    }

    @Test
    void onlyASaltThatIsHeldTellsOfAStack() {
        assertThat(keeping(Optional.of("v1:salt"), false).tellsOfStack()).isTrue();
        assertThat(keeping(Optional.of("v1:salt"), true).tellsOfStack()).isFalse();
        assertThat(keeping(Optional.empty(), false).tellsOfStack()).isFalse();
    }

    private static SettingsFile keeping(Optional<String> salt, boolean letGo) {
        return new SettingsFile(request(), null, null, new Material("any", salt, false, letGo), null);
    }

    private static RunRequest request() {
        return new RunRequest(
                new RunKey(new StackKey("ns", "prod"), "uid", "prod-1", "uid-1"),
                Operation.Up,
                Cause.FirstRun,
                new StackIdentity("organization", "shop", "prod", "file:///d", null),
                "file:///d",
                Optional.empty(),
                new ResolvedInputs(List.of(), Map.of(), Set.of(), Optional.empty()),
                OperationOptions.defaults(),
                new Tags(Map.of(), Map.of()),
                OptionalInt.empty());
    }
}
