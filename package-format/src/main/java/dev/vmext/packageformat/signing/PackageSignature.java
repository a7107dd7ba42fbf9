package dev.vmext.packageformat.signing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A package's signature as a DSSE envelope (secure-systems-lab/dsse): a payload and signatures over its exact bytes. Holding
 * one means nothing yet; {@link PackageVerifier} decides.
 */
public record PackageSignature(String payloadBase64, List<DsseSignature> signatures) {
    public static final String PAYLOAD_TYPE = "application/vnd.vmext.package.v1+json";
    /** How the file beside a package is called: {@code acme.Firewall-1.0.7.zip.sig.json}. */
    public static final String FILE_SUFFIX = ".sig.json";

    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_SIGNATURES = 16;
    private static final String FILE = "package signature";
    private static final JsonShape ENVELOPE = JsonShape.closed("payload", "payloadType", "signatures");
    private static final JsonShape SIGNATURE = JsonShape.closed("keyid", "sig");

    /** The fields of every object of the file, by where the object stands. */
    static final Map<String, JsonShape> SHAPES = Map.of("", ENVELOPE, "signatures", SIGNATURE);

    public PackageSignature {
        signatures = List.copyOf(signatures);
        decode("payload", payloadBase64);
        if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
            throw malformed("it has " + signatures.size() + " signatures, and 1 to " + MAX_SIGNATURES + " are allowed");
        }
        signatures.forEach(signature -> decode("sig", signature.base64()));
    }

    public static PackageSignature parse(byte[] json) {
        if (json.length > MAX_BYTES) {
            throw malformed("it has " + json.length + " bytes, and at most " + MAX_BYTES + " are allowed");
        }
        JsonFields envelope = JsonDocument.parse(json, FILE, PackageProblem.MALFORMED_SIGNATURE)
                .object(ENVELOPE);
        String type = envelope.getText("payloadType");
        if (!type.equals(PAYLOAD_TYPE)) {
            throw envelope.problem(
                    "payloadType", "it is not " + PAYLOAD_TYPE, "this is the signature of something else");
        }
        return new PackageSignature(
                envelope.getText("payload"),
                envelope.objects("signatures", SIGNATURE).stream()
                        .map(object ->
                                new DsseSignature(object.findText("keyid").orElse(""), object.getText("sig")))
                        .toList());
    }

    /** The statement, before anybody checked the signature: for showing, never for deciding. */
    public PackageStatement unverifiedStatement() {
        return PackageStatement.parse(payload());
    }

    byte[] payload() {
        return decode("payload", payloadBase64);
    }

    /** The bytes that are signed: type and payload with their lengths, so that neither can pass for the other. */
    byte[] preAuthenticationEncoding() {
        return preAuthenticationEncoding(PAYLOAD_TYPE, payload());
    }

    static byte[] preAuthenticationEncoding(String type, byte[] payload) {
        byte[] rawType = type.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("DSSEv1 " + rawType.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(rawType);
        out.writeBytes((" " + payload.length + " ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Base64 as DSSE allows it: the standard or the URL-safe alphabet. */
    static byte[] decode(String field, String base64) {
        try {
            return Base64.getDecoder().decode(base64.replace('-', '+').replace('_', '/'));
        } catch (IllegalArgumentException notBase64) {
            throw malformed("its " + field + " is not base64");
        }
    }

    private static PackageException malformed(String why) {
        return new PackageException(
                PackageProblem.MALFORMED_SIGNATURE,
                "cannot read " + FILE + ": " + why,
                "sign the package again with \"vmext extension sign\"");
    }

    public String toJson() {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("payloadType", PAYLOAD_TYPE);
            json.writeStringField("payload", payloadBase64);
            json.writeArrayFieldStart("signatures");
            for (DsseSignature signature : signatures) {
                json.writeStartObject();
                if (!signature.keyId().isEmpty()) {
                    json.writeStringField("keyid", signature.keyId());
                }
                json.writeStringField("sig", signature.base64());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return out.toString();
    }

    /** The envelope as it travels beside a package. */
    public byte[] toBytes() {
        return toJson().getBytes(StandardCharsets.UTF_8);
    }
}
