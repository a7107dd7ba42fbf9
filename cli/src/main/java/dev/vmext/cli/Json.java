package dev.vmext.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** How the command line reads and writes JSON. Answers of a newer control plane may have more keys; they are passed over. */
final class Json {
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(instants())
            .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    /** For what a person wrote: a key nobody knows is an error. */
    static final JsonMapper STRICT = MAPPER.rebuild()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    /** Instants as ISO 8601 text. One small serializer instead of the whole date library. */
    static SimpleModule instants() {
        SimpleModule module = new SimpleModule("instants");
        module.addSerializer(Instant.class, ToStringSerializer.instance);
        module.addDeserializer(Instant.class, new InstantReader());
        return module;
    }

    /** Reads a JSON object that a person wrote. */
    static Map<String, Object> object(String text, String what) {
        try {
            Map<String, Object> value = MAPPER.readValue(text, OBJECT);
            if (value == null) {
                throw notAnObject(what, "it is null");
            }
            return value;
        } catch (JacksonException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw notAnObject(what, e.getOriginalMessage() + where);
        }
    }

    /** Reads a document that a person wrote; a key that nobody knows is an error. */
    static <T> T read(String text, Class<T> type, String what) {
        try {
            T value = STRICT.readValue(text, type);
            if (value == null) {
                throw notAnObject(what, "it is null");
            }
            return value;
        } catch (JacksonException e) {
            throw notAnObject(what, String.valueOf(e.getOriginalMessage()));
        }
    }

    private static ProblemException notAnObject(String what, String why) {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST,
                "cannot read " + what + " as a JSON object: " + why,
                "It must look like {\"key\": \"value\"}.");
    }

    static ProblemException unreadable(Path file, IOException e) {
        String why = e instanceof NoSuchFileException ? "there is no such file" : String.valueOf(e.getMessage());
        return new ProblemException(
                ProblemCode.FILE_UNREADABLE, "cannot read " + file + ": " + why, "Check the path and its rights.", e);
    }
}
