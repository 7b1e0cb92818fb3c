package io.stackwright.operator.engine.automation;

import com.pulumi.automation.DestroyOptions;
import com.pulumi.automation.PreviewOptions;
import com.pulumi.automation.RefreshOptions;
import com.pulumi.automation.UpOptions;
import com.pulumi.automation.UpdateOptions;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.operator.engine.OperationOptions;
import java.util.ArrayList;
import java.util.List;

/** Our options as the Automation API's, and as flags where it has no option. */
final class SdkOptions {

    private SdkOptions() {}

    static List<String> flags(Operation operation, OperationOptions options) {
        List<String> flags = new ArrayList<>();
        boolean runsProgram = operation == Operation.Up || operation == Operation.Preview;
        if (options.refresh() && runsProgram) {
            flags.add("--refresh");
        }
        if (options.remove() && operation == Operation.Destroy) {
            flags.add("--remove");
        }
        if (operation == Operation.Refresh && options.pendingCreates().clear()) {
            flags.add("--clear-pending-creates");
        }
        return flags;
    }

    static UpOptions up(OperationOptions options) {
        return common(UpOptions.builder(), options)
                .continueOnError(options.continueOnError())
                .build();
    }

    static PreviewOptions preview(OperationOptions options) {
        return common(PreviewOptions.builder(), options).build();
    }

    static RefreshOptions refresh(OperationOptions options) {
        return common(RefreshOptions.builder(), options).build();
    }

    static DestroyOptions destroy(OperationOptions options) {
        return common(DestroyOptions.builder(), options)
                .continueOnError(options.continueOnError())
                .build();
    }

    private static <B extends UpdateOptions.Builder<B>> B common(B builder, OperationOptions options) {
        options.parallel().ifPresent(builder::parallel);
        return builder.targets(options.targets()).color("never");
    }
}
