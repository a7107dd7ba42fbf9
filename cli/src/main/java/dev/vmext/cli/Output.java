package dev.vmext.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintStream;

/** Prints an answer for a person (table) or a program (json, yaml). The two never mix: messages for people go to standard error then. */
final class Output {
    /** How to print. Lower case, because that is how people type it. */
    enum Format {
        table,
        json,
        yaml
    }

    private final Surroundings world;
    private final Format format;

    Output(Surroundings world, Format format) {
        this.world = world;
        this.format = format;
    }

    boolean forPeople() {
        return format == Format.table;
    }

    /** Prints the answer: as it is for programs, or what {@code people} makes of it. */
    void print(Object answer, Runnable people) {
        switch (format) {
            case table -> people.run();
            case json -> world.out().println(write(Json.MAPPER, answer));
            case yaml -> world.out().print(write(yaml(), answer));
        }
    }

    /** Where remarks for people go: never into the output a program reads. */
    PrintStream remarks() {
        return forPeople() ? world.out() : world.err();
    }

    /** Ends what goes on when its reader has gone, as {@code head} does; a print stream keeps such a failure to itself. */
    static void mustBeRead(PrintStream out) {
        if (out.checkError()) {
            throw new ProblemException(
                    ProblemCode.OPERATION_FAILED, "cannot go on: nobody reads what is printed any more", "");
        }
    }

    private static String write(ObjectMapper mapper, Object answer) {
        try {
            return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(answer);
        } catch (JacksonException e) {
            throw new IllegalStateException("an answer that was just read cannot be written", e);
        }
    }

    private static ObjectMapper yaml() {
        return YAMLMapper.builder()
                .addModule(Json.instants())
                .defaultPropertyInclusion(JsonInclude.Value.ALL_NON_NULL)
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE)
                .build();
    }
}
