package dev.vmext.packageformat;

/** Why a package, signature, key or trust file was refused. Callers map each kind to their own problem code. */
public enum PackageProblem {
    /** The file is not a zip, is damaged, or uses zip features that packages must not use. */
    NOT_A_ZIP,
    /** More or larger content than the reader's limits allow. */
    LIMIT_EXCEEDED,
    /** An entry's name or type could write outside the target folder or mean different things to different readers. */
    UNSAFE_ENTRY,
    /** There is no {@code HandlerManifest.json} in the package. */
    MISSING_MANIFEST,
    /** {@code HandlerManifest.json}, {@code extension.json} or {@code manifest.xml} cannot be understood. */
    MALFORMED_MANIFEST,
    /** A text that should be an extension name is none. */
    INVALID_NAME,
    /** A text that should be a version or version constraint is none. */
    INVALID_VERSION,
    /** Neither {@code extension.json} nor {@code manifest.xml} says what the package is called, and the caller did not. */
    UNKNOWN_IDENTITY,
    /** Signature and package (or two files of the package) name different extensions or versions. */
    IDENTITY_MISMATCH,
    /** The signature file itself cannot be read: no DSSE envelope, other payload type, bad base64. */
    MALFORMED_SIGNATURE,
    /** A trusted key is named, but the signature does not verify with it. */
    BAD_SIGNATURE,
    /** Size or digest of the package differ from what was signed. */
    DIGEST_MISMATCH,
    /** No key of the trust file made this signature. */
    UNTRUSTED_PUBLISHER,
    /** The key is trusted, but for another name space. */
    NAMESPACE_MISMATCH,
    /** The trust file cannot be understood. */
    MALFORMED_TRUST,
    /** A public or private key cannot be understood. */
    MALFORMED_KEY,
    /** A private key file can be read by others than its owner. */
    UNSAFE_KEY_FILE,
    /** Reading or writing a file failed: disk full, no permission, file missing or already there. */
    FILE_FAILED
}
