package dev.vmext.extensionkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds and reads {@code <sequence number>.settings} in the config folder. The sequence number is the one the agent names
 * in {@code ConfigSequenceNumber}, else the highest there is. Owned by one command's process.
 */
final class SettingsFiles {
    private static final int LIMIT = 4 * 1024 * 1024;
    private static final Pattern THUMBPRINT = Pattern.compile("[0-9A-Fa-f]{40}");

    private final HandlerEnvironment environment;
    private final Map<String, String> variables;

    SettingsFiles(HandlerEnvironment environment, Map<String, String> variables) {
        this.environment = environment;
        this.variables = variables;
    }

    /** Empty only when the agent names none and there is no settings file. */
    OptionalInt findSequenceNumber() {
        String named = variables.getOrDefault("ConfigSequenceNumber", "");
        if (!named.isEmpty()) {
            if (!named.matches("[0-9]{1,9}")) {
                throw new HandlerException(
                        ExitCode.ENVIRONMENT, "cannot use ConfigSequenceNumber: it is not a whole number", "");
            }
            return OptionalInt.of(Integer.parseInt(named));
        }
        Pattern name = Pattern.compile(Pattern.quote(prefix()) + "([0-9]{1,9})\\.settings");
        try (Stream<Path> files = Files.list(environment.configFolder())) {
            return files.map(f -> name.matcher(f.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToInt(m -> Integer.parseInt(m.group(1)))
                    .max();
        } catch (NoSuchFileException e) {
            return OptionalInt.empty();
        } catch (IOException e) {
            throw unreadable(environment.configFolder(), SmallFiles.why(e), e);
        }
    }

    /** The name of this sequence number's file without its ending: {@code 3}, or {@code blue.3} for a named extension. */
    String stem(int sequenceNumber) {
        return prefix() + sequenceNumber;
    }

    Settings read() {
        OptionalInt number = findSequenceNumber();
        if (number.isEmpty()) {
            return new Settings(0, Json.object(), Json.object());
        }
        int sequenceNumber = number.getAsInt();
        Path file = environment.configFolder().resolve(stem(sequenceNumber) + ".settings");
        try {
            String text = SmallFiles.readText(file, LIMIT);
            return text.isBlank()
                    ? new Settings(sequenceNumber, Json.object(), Json.object())
                    : parse(sequenceNumber, file, Json.parse(text));
        } catch (NoSuchFileException e) {
            if (sequenceNumber == 0) {
                return new Settings(0, Json.object(), Json.object());
            }
            throw unreadable(file, SmallFiles.why(e), e);
        } catch (IOException | JsonException e) {
            throw unreadable(file, SmallFiles.why(e), e);
        }
    }

    private Settings parse(int sequenceNumber, Path file, Json json) {
        List<Json> list = Fields.of(file.toString(), json).getList("runtimeSettings");
        if (list.size() != 1) {
            throw HandlerException.badSettings(
                    "cannot read " + file + ": runtimeSettings does not have exactly one element", "");
        }
        Fields handler = Fields.of(file.toString(), list.getFirst()).getObject("handlerSettings");
        Json.Obj open = handler.has("publicSettings") ? handler.object("publicSettings") : Json.object();
        Optional<String> envelope = handler.findString("protectedSettings").filter(s -> !s.isBlank());
        Json.Obj secret = envelope.isPresent()
                ? decrypt(envelope.get(), handler.findString("protectedSettingsCertThumbprint"))
                : Json.object();
        return new Settings(sequenceNumber, open, secret);
    }

    private Json.Obj decrypt(String envelope, Optional<String> thumbprint) {
        String name = thumbprint
                .filter(t -> THUMBPRINT.matcher(t).matches())
                .orElseThrow(() -> HandlerException.badSettings(
                        "cannot decrypt the protected settings: protectedSettingsCertThumbprint is missing or not 40 "
                                + "hexadecimal digits",
                        ""));
        Path folder = environment.certificateFolder();
        try {
            byte[] der = Base64.getMimeDecoder().decode(envelope);
            SettingsKey key = SettingsKey.read(folder.resolve(name + ".crt"), folder.resolve(name + ".prv"));
            Json content = Json.parse(new String(Envelope.parse(der).decrypt(key), StandardCharsets.UTF_8));
            if (content instanceof Json.Obj object) {
                return object;
            }
            throw new EnvelopeException("the decrypted text is " + content.kind() + ", not an object");
        } catch (IOException | EnvelopeException | JsonException | IllegalArgumentException e) {
            throw HandlerException.badSettings(
                    "cannot decrypt the protected settings for certificate " + name + ": " + SmallFiles.why(e),
                    "Send the protected settings again; they must be encrypted for this machine's settings key.");
        }
    }

    private String prefix() {
        String name = variables.getOrDefault("ConfigExtensionName", "");
        if (!name.matches("[A-Za-z0-9_.-]*") || name.startsWith(".")) {
            throw new HandlerException(
                    ExitCode.ENVIRONMENT, "cannot use ConfigExtensionName: it is not a plain name", "");
        }
        return name.isEmpty() ? "" : name + ".";
    }

    private static HandlerException unreadable(Path path, String why, Exception cause) {
        return new HandlerException(ExitCode.CONFIGURATION, "cannot read " + path + ": " + why, "", cause);
    }
}
