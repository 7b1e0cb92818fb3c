package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * JSON between operator and Job, which may be of neighbouring versions: what one does not know it ignores, what is
 * missing is empty. Large documents are compressed, so that what fits a ConfigMap or Secret by itself fits here too.
 */
final class Wire {

    /** What is smaller stays readable. */
    static final int COMPRESSED_FROM = 256 * 1024;

    /** What is unpacked of a document, whoever has written it. */
    static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;

    /** What is unpacked of a document that a stranger has written. */
    static final int MAX_STRANGERS_BYTES = 4 * 1024 * 1024;

    /** Values, names, brackets of such a document: in memory each takes far more than the byte that it is written with. */
    static final long MAX_STRANGERS_TOKENS = 200_000;

    private static final JsonMapper MAPPER = mapper(StreamReadConstraints.defaults());
    private static final JsonMapper STRANGERS = mapper(
            StreamReadConstraints.builder().maxTokenCount(MAX_STRANGERS_TOKENS).build());

    private Wire() {}

    private static JsonMapper mapper(StreamReadConstraints constraints) {
        JsonMapper mapper = JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(constraints).build())
                .addModule(new Jdk8Module())
                .addModule(new JavaTimeModule())
                .visibility(PropertyAccessor.GETTER, Visibility.NONE)
                .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
                .visibility(PropertyAccessor.FIELD, Visibility.ANY)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .build();
        for (Class<?> container : List.of(List.class, Map.class, Set.class)) {
            mapper.configOverride(container).setSetterInfo(JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY));
        }
        return mapper;
    }

    static byte[] write(Object value) {
        return packed(json(value));
    }

    /** A document as it is written. */
    static byte[] packed(byte[] json) {
        return json.length < COMPRESSED_FROM ? json : compressed(json);
    }

    static byte[] json(Object value) {
        try {
            // Not as bytes: of those Jackson writes twelve for a character that takes four.
            return MAPPER.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record is no JSON", e);
        }
    }

    /** @throws IOException when it is none, or larger than anything that we write */
    static <T> T read(byte[] document, Class<T> type) throws IOException {
        return read(document, type, MAPPER, MAX_BYTES);
    }

    /** @throws IOException when it is none, or would take more memory than a stranger's word is worth */
    static <T> T readOfStranger(byte[] document, Class<T> type) throws IOException {
        return read(document, type, STRANGERS, MAX_STRANGERS_BYTES);
    }

    private static <T> T read(byte[] document, Class<T> type, JsonMapper mapper, int maxBytes) throws IOException {
        boolean isCompressed =
                document.length > 2 && (document[0] & 0xff) == GZIP_MAGIC_1 && (document[1] & 0xff) == GZIP_MAGIC_2;
        byte[] json = isCompressed ? plain(document, maxBytes) : document;
        T read;
        try (JsonParser parser = new ExactFractions(mapper.createParser(json))) {
            read = mapper.readValue(parser, type);
        }
        if (read == null) {
            throw new IOException("there is nothing in it");
        }
        return read;
    }

    private static byte[] compressed(byte[] json) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] plain(byte[] document, int maxBytes) throws IOException {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(document))) {
            byte[] json = gzip.readNBytes(maxBytes + 1);
            if (json.length > maxBytes) {
                throw new IOException("it is larger than " + maxBytes + " bytes");
            }
            return json;
        }
    }

    /**
     * A number that is written again is written as it was, digit by digit: the digest of an inline program depends on that.
     * So what Java writes for a double is one again, and everything else has all its digits.
     */
    private static final class ExactFractions extends JsonParserDelegate {

        ExactFractions(JsonParser json) {
            super(json);
        }

        @Override
        public NumberTypeFP getNumberTypeFP() throws IOException {
            return Double.toString(getDoubleValue()).equals(getText())
                    ? NumberTypeFP.DOUBLE64
                    : NumberTypeFP.BIG_DECIMAL;
        }
    }
}
