package dev.vmext.agent.plan;

import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Previous;
import dev.vmext.agent.journal.Slot;
import dev.vmext.agent.journal.Step;
import dev.vmext.agent.journal.Trial;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.Digest;
import java.util.Optional;
import java.util.Set;

/**
 * The next step of one installation on its way, whether or not its time has come. Pure.
 *
 * <pre>
 * fresh         fetch > unpack > settings > install > enable > (settle)
 * settings      settings > enable > (settle)
 * update        fetch > unpack > settings > keep old > old disable > copy state > update > old uninstall > old remove
 *               > install > enable > (healthy for its time)                                     azure-contract 1.11
 * side by side  fetch > unpack > settings > keep old > copy state > update > install > enable > (healthy for its time)
 *               > old disable > old uninstall > old remove > (settle)
 * return        new disable > new uninstall > new remove > [unpack old > restore > install >] old enable > (settle)
 * removal       disable > uninstall > remove > forget
 * new boot      enable, unless one-shot
 * </pre>
 *
 * A one-shot whose work for these settings was done, by whatever version, is adopted instead of enabled.
 *
 * @param version of the package that the goal names
 * @param sequence of the settings that are wanted
 * @param packages verified packages that lie on the machine
 * @param boot names this boot of the machine
 */
record NextStep(Entry entry, String version, long sequence, Set<Digest> packages, String boot) {
    /** Towards what is wanted, or back to what was; empty when there is nothing left to do but to wait for health. */
    Optional<Step> find() {
        return entry.returning() != null ? back() : towards(entry.wanted());
    }

    private Optional<Step> towards(Digest digest) {
        Deployed current = entry.current();
        Deployed next = entry.next();
        if (next != null && !next.digest().equals(digest)) {
            return Optional.of(takeAway(Slot.NEXT, next));
        }
        if (current != null && current.digest().equals(digest)) {
            return bringUp(Slot.CURRENT, current, sequence);
        }
        if (next == null) {
            return Optional.of(packages.contains(digest) ? new Step.Unpack(digest, version) : new Step.Fetch(digest));
        }
        if (next.settingsSequence() < sequence) {
            return Optional.of(new Step.WriteSettings(Slot.NEXT, sequence));
        }
        return current != null ? replace(current, next) : bringUp(Slot.NEXT, next, sequence);
    }

    private Optional<Step> replace(Deployed current, Deployed next) {
        Previous previous = entry.previous();
        if (previous == null || !previous.digest().equals(current.digest())) {
            return Optional.of(new Step.KeepOld());
        }
        boolean beside = next.traits().sideBySide();
        if (current.enabled() && !beside) {
            return Optional.of(new Step.Run(Slot.CURRENT, HandlerCommand.DISABLE));
        }
        if (!next.stateCopied()) {
            return Optional.of(new Step.CopyState());
        }
        if (!next.updated()) {
            // A downgrade is done by the higher package, which is the only one that can know how.
            boolean downgrade =
                    ExtensionVersion.of(next.version()).compareTo(ExtensionVersion.of(current.version())) < 0;
            return Optional.of(new Step.Run(Slot.NEXT, HandlerCommand.UPDATE, downgrade ? Slot.CURRENT : Slot.NEXT));
        }
        Trial trial = entry.memory().trial();
        if (beside && (trial == null || !trial.passed())) {
            return bringUp(Slot.NEXT, next, sequence);
        }
        return Optional.of(takeAway(Slot.CURRENT, current));
    }

    private Optional<Step> bringUp(Slot slot, Deployed deployed, long wanted) {
        if (deployed.settingsSequence() < wanted) {
            return Optional.of(new Step.WriteSettings(slot, wanted));
        }
        if (!deployed.installed()) {
            return Optional.of(new Step.Run(slot, HandlerCommand.INSTALL));
        }
        if (deployed.enabled() && deployed.enabledSequence() >= wanted && !missedThisBoot(deployed, boot)) {
            return Optional.empty();
        }
        boolean worked = deployed.traits().oneShot() && entry.memory().worked(deployed.settingsSequence());
        return Optional.of(worked ? new Step.Adopt(slot) : new Step.Run(slot, HandlerCommand.ENABLE));
    }

    /** What runs on is enabled once per boot. */
    static boolean missedThisBoot(Deployed deployed, String boot) {
        return deployed.enabled()
                && !deployed.traits().oneShot()
                && !deployed.enabledBoot().equals(boot);
    }

    private static Step takeAway(Slot slot, Deployed deployed) {
        if (deployed.enabled()) {
            return new Step.Run(slot, HandlerCommand.DISABLE);
        }
        return deployed.installed() || deployed.updated()
                ? new Step.Run(slot, HandlerCommand.UNINSTALL)
                : new Step.Remove(slot);
    }

    private Optional<Step> back() {
        Previous previous = entry.previous();
        if (previous == null) {
            throw new IllegalStateException("installation " + entry.name() + " returns to no version");
        }
        Deployed next = entry.next();
        Deployed current = entry.current();
        if (next != null && !next.digest().equals(previous.digest())) {
            return Optional.of(takeAway(Slot.NEXT, next));
        }
        if (current != null) {
            return current.digest().equals(previous.digest())
                    ? bringUp(Slot.CURRENT, current, previous.sequence())
                    : Optional.of(takeAway(Slot.CURRENT, current));
        }
        if (next == null) {
            return Optional.of(
                    packages.contains(previous.digest())
                            ? new Step.Unpack(previous.digest(), previous.version())
                            : new Step.Fetch(previous.digest()));
        }
        return next.settingsSequence() < previous.sequence()
                ? Optional.of(new Step.RestoreOld())
                : bringUp(Slot.NEXT, next, previous.sequence());
    }

    /** The next step of taking everything away. */
    static Step removal(Entry entry) {
        Deployed next = entry.next();
        Deployed current = entry.current();
        if (next != null) {
            return takeAway(Slot.NEXT, next);
        }
        return current != null ? takeAway(Slot.CURRENT, current) : new Step.Forget();
    }
}
