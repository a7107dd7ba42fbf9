package dev.vmext.packageformat.signing;

/** One signature of an envelope. The key id only helps to find the key; it proves nothing, and may be empty. */
public record DsseSignature(String keyId, String base64) {}
