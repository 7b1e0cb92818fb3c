package io.stackwright.operator.settings;

import io.stackwright.operator.ReferencePage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {

    @Test
    void theCommittedPageIsTheGeneratedOne() throws IOException {
        ReferencePage.check("settings.md", SettingsReference.page(), "settings.docs");
    }
}
