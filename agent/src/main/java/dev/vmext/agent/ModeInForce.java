package dev.vmext.agent;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.util.function.Supplier;

/**
 * What the machine's owner allows now. A trust file that cannot be read allows nothing: who cannot be asked has not agreed. Immutable.
 *
 * @param problem why the trust file cannot be read, empty when it can
 */
record ModeInForce(TrustMode mode, String problem) {
    /** Reads the trust file by this means, which throws {@link PackageException} for one that cannot be read. */
    static ModeInForce of(Supplier<TrustPolicy> trust) {
        try {
            return new ModeInForce(trust.get().mode(), "");
        } catch (PackageException unreadable) {
            return new ModeInForce(TrustMode.OBSERVE, unreadable.detail());
        }
    }
}
