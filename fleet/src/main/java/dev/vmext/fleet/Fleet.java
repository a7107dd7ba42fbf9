package dev.vmext.fleet;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.goal.GoalState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The one entry to the control plane. Every call decides on a consistent view of the store and applies the decision in one
 * transaction; expected failures are {@code ProblemException}s. Holds no state of its own, so it is as thread-safe as its store.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Fleet {
    public Fleet(
            FleetStore store,
            InstantSource clock,
            IdSource ids,
            SettingsValidator validator,
            Sealer sealer,
            Liveness liveness) {
        Objects.requireNonNull(store);
        Objects.requireNonNull(clock);
        Objects.requireNonNull(ids);
        Objects.requireNonNull(validator);
        Objects.requireNonNull(sealer);
        Objects.requireNonNull(liveness);
    }

    // Machines

    /** Declares a machine with its installations. Its provider makes it afterwards; the id is fixed from here on. */
    public MachineView createMachine(Actor actor, String project, MachineCreate request) {
        throw notYet();
    }

    public List<MachineView> listMachines(String project) {
        throw notYet();
    }

    public MachineView getMachine(String project, String name) {
        throw notYet();
    }

    /** For the parts of the server that make and connect machines. */
    public MachineRecord machineRecord(String project, String name) {
        throw notYet();
    }

    public Optional<MachineRecord> findMachineRecord(String machineId) {
        throw notYet();
    }

    /** All machines of all projects, those being deleted included: what providers reconcile against at start. */
    public List<MachineRecord> machineRecords() {
        throw notYet();
    }

    /** State deleting, certificates revoked, tokens void; gone with {@link #machineDeleted}. Repeating it is allowed. */
    public MachineRecord deleteMachine(Actor actor, String project, String name) {
        throw notYet();
    }

    /** Its provider has cleaned up. Does nothing when the machine is gone; refuses one that is not being deleted. */
    public void machineDeleted(Actor actor, String machineId) {
        throw notYet();
    }

    public void provisioningProgress(String machineId, Provisioning progress) {
        throw notYet();
    }

    /**
     * Whether an operator wants the machine to run. Kept with the machine, so that a restarted server boots what should run and leaves
     * off what was stopped; a new machine should run. Changes nothing about the machine itself: its provider does that.
     */
    public void powerWanted(Actor actor, String machineId, boolean running) {
        throw notYet();
    }

    /** What the provider observed: running, stopped, paused or absent. */
    public void powerObserved(String machineId, String power) {
        throw notYet();
    }

    // Catalog

    /** Same version and digest again answers as the first time; another digest is refused. */
    public ExtensionView publish(Actor actor, Publication publication) {
        throw notYet();
    }

    public List<ExtensionView> listExtensions(ExtensionFilter filter) {
        throw notYet();
    }

    public ExtensionView getExtension(String name) {
        throw notYet();
    }

    public ExtensionView setVersionState(Actor actor, String name, String version, VersionState state) {
        throw notYet();
    }

    // Installations

    /** Creates or replaces. */
    public InstallationView putInstallation(
            Actor actor, String project, String machine, String name, InstallationWrite request) {
        throw notYet();
    }

    /** Empty when it is gone at once because the machine never heard of it; else the installation, now removing. */
    public Optional<InstallationView> deleteInstallation(Actor actor, String project, String machine, String name) {
        throw notYet();
    }

    public List<InstallationView> listInstallations(String project, String machine) {
        throw notYet();
    }

    public InstallationView getInstallation(String project, String machine, String name) {
        throw notYet();
    }

    // Goals

    /** The machine's goal, about to be sent to it: from here on its installations are removed only when the machine says so. */
    public GoalState offerGoal(String machineId) {
        throw notYet();
    }

    /** The machine's goal, only looked at. */
    public GoalState goal(String machineId) {
        throw notYet();
    }

    public long goalGeneration(String machineId) {
        throw notYet();
    }

    /** The agent has stored this generation; deadlines run from here. Older ones and repetitions are ignored. */
    public void goalAcknowledged(String machineId, long generation) {
        throw notYet();
    }

    /** All in one transaction. Statuses from before what is known, and of unknown machines or installations, are ignored. */
    public void reportStatuses(List<MachineStatus> statuses) {
        throw notYet();
    }

    /** Whether the machine's goal offers this package. */
    public boolean packageAllowed(String machineId, Digest digest) {
        throw notYet();
    }

    // Enrolment

    /** Declares a self-enrolled machine and gives it a token. */
    public Enrolment createEnrolment(Actor actor, String project, EnrolmentCreate request) {
        throw notYet();
    }

    /** A fresh token for a machine that exists; earlier unused ones are void. */
    public Enrolment issueToken(Actor actor, String machineId, Duration life) {
        throw notYet();
    }

    /** The machine a token belongs to, or one of token-invalid, token-used, token-expired. */
    public MachineRecord tokenFor(String token) {
        throw notYet();
    }

    /**
     * Binds the token to this key, for good: the same pair again answers the same, another key is token-used.
     *
     * @param keyDigest {@code sha256:<hex>} of the request's SubjectPublicKeyInfo
     */
    public MachineRecord bindKey(String token, String keyDigest) {
        throw notYet();
    }

    /** Remembers a certificate before it is sent. */
    public void certificateIssued(MachineCertificate certificate) {
        throw notYet();
    }

    /** The machine connected with it: burns the token, enrols the machine, and revokes certificates of other keys. */
    public void certificateUsed(String machineId, String serial) {
        throw notYet();
    }

    /** The machine of a certificate that chains to our CA, or certificate-refused: unknown, revoked, machine gone or deleting. */
    public MachineRecord admit(String serial) {
        throw notYet();
    }

    /** The machine's certificate for protected settings. Installations that waited for it enter the goal. */
    public void settingsKeyPublished(String machineId, String certificatePem) {
        throw notYet();
    }

    /** What the agent told; keys are those of {@link FactKeys}. Replaces all facts told before. */
    public void factsReported(String machineId, Map<String, String> facts) {
        throw notYet();
    }

    /** Flushes last-seen times, many at once. */
    public void lastSeen(Map<String, Instant> seen) {
        throw notYet();
    }

    // Access

    public Secret createToken(Actor actor, String subject, Set<Permission> permissions) {
        throw notYet();
    }

    /** True when somebody can get in with a token; a fresh control plane makes its first one. */
    public boolean hasTokens() {
        throw notYet();
    }

    /** Who holds this API token, or not-signed-in. */
    public Principal authenticate(String token) {
        throw notYet();
    }

    /** A sign-in link's code: lives {@code life}, works once, gives the same permissions as its maker's. */
    public SignInCode createSignIn(Principal principal, Duration life) {
        throw notYet();
    }

    /** Or sign-in-link-used. */
    public SessionGrant redeemSignIn(String code, Duration life) {
        throw notYet();
    }

    /** Who holds this session, or not-signed-in. */
    public Principal session(String secret) {
        throw notYet();
    }

    public void signOut(String secret) {
        throw notYet();
    }

    // What happened

    /** Newest first. */
    public List<AuditEntry> audit(int limit) {
        throw notYet();
    }

    /** The number of the first entry that does not fit the chain, empty when all do. */
    public Optional<Long> verifyAuditChain() {
        throw notYet();
    }

    public List<ChangeEvent> changesAfter(long id, int limit) {
        throw notYet();
    }

    /** The id of the newest change, 0 before the first. */
    public long lastChange() {
        throw notYet();
    }

    public void onCommit(ChangeListener listener) {
        throw notYet();
    }

    private static UnsupportedOperationException notYet() {
        return new UnsupportedOperationException("the decisions follow");
    }
}
