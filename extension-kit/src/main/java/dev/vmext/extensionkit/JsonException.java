package dev.vmext.extensionkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;

/** A text that is not the JSON it should be. The message never quotes the text, which may hold secrets. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    JsonException(String message) {
        super(message);
    }

    static JsonException of(IOException e) {
        // Jackson's own message quotes tokens of the input; its position is enough to find the fault.
        return e instanceof JsonProcessingException json && json.getLocation() != null
                ? new JsonException("it is not valid JSON at line %d, column %d"
                        .formatted(
                                json.getLocation().getLineNr(),
                                json.getLocation().getColumnNr()))
                : new JsonException("it is not valid JSON");
    }
}
