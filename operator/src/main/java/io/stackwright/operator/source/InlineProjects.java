package io.stackwright.operator.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import io.stackwright.api.v1alpha1.Reason;
import java.nio.file.Path;
import java.util.Map;

/** Projects written into the Stack itself. */
final class InlineProjects {

    private static final String REMEDY = " of spec.project.inline, the content of a Pulumi.yaml";

    /** Sorted, so that the order of keys, which means nothing, changes nothing. */
    private final ObjectMapper canonical =
            JsonMapper.builder().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

    /** Everything quoted: what is a string in JSON must not turn into a number or a boolean in YAML. */
    private final ObjectMapper yaml = new ObjectMapper(YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .stringQuotingChecker(new QuoteAll())
            .build());

    Revision resolve(JsonNode program) throws SourceException {
        if (!program.isObject()) {
            throw new SourceException(Reason.SourceInvalid, "spec.project.inline must be an object");
        }
        if (!program.path("name").isTextual()
                || program.path("name").textValue().isEmpty()) {
            throw new SourceException(
                    Reason.SourceInvalid, "name" + REMEDY + ", is missing; add for example \"name\": \"my-project\"");
        }
        JsonNode runtime = program.path("runtime");
        JsonNode runtimeName = runtime.isObject() ? runtime.path("name") : runtime;
        if (!"yaml".equals(runtimeName.textValue())) {
            throw new SourceException(
                    Reason.SourceInvalid,
                    "runtime" + REMEDY + ", must be yaml; programs in other languages come from git or configMap");
        }
        ProjectFile file = ProjectFile.parse(write(program));
        String digest = digest(program);
        return new Revision("inline@sha256:" + digest, "sha256:" + digest, file.name(), file.runtime());
    }

    Path fetch(JsonNode program, Revision revision, Path target) throws SourceException {
        if (!resolve(program).digest().equals(revision.digest())) {
            throw new SourceException(
                    Reason.SourceUnavailable, "spec.project.inline changed since " + revision.revision());
        }
        return SourceFiles.write(target, Map.of(ProjectFile.FILE_NAME, write(program)));
    }

    private String digest(JsonNode program) throws SourceException {
        try {
            return SourceDigest.of(canonical.writeValueAsBytes(program));
        } catch (JsonProcessingException e) {
            throw unwritable();
        }
    }

    private byte[] write(JsonNode program) throws SourceException {
        try {
            return yaml.writeValueAsBytes(program);
        } catch (JsonProcessingException e) {
            throw unwritable();
        }
    }

    private static SourceException unwritable() {
        return new SourceException(Reason.SourceInvalid, "spec.project.inline cannot be written as YAML");
    }

    private static final class QuoteAll extends StringQuotingChecker {

        private static final long serialVersionUID = 1L;

        @Override
        public boolean needToQuoteName(String name) {
            return true;
        }

        @Override
        public boolean needToQuoteValue(String value) {
            return true;
        }
    }
}
