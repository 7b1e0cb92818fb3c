package io.stackwright.operator.telemetry;

import io.stackwright.operator.ReferencePage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class MetricsReferenceTest {

    @Test
    void theCommittedPageIsTheGeneratedOne() throws IOException {
        ReferencePage.check("metrics.md", MetricsReference.page(), "metrics.docs");
    }
}
