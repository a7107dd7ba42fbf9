package dev.vmext.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.Liveness;
import dev.vmext.fleet.Permission;
import dev.vmext.fleet.testing.CountingIds;
import dev.vmext.fleet.testing.FakeSealer;
import dev.vmext.fleet.testing.FakeSettingsValidator;
import dev.vmext.fleet.testing.InMemoryFleetStore;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.AlertRuleView;
import dev.vmext.protocol.api.AlertRuleWrite;
import dev.vmext.protocol.api.AlertView;
import dev.vmext.protocol.api.AuditEntry;
import dev.vmext.protocol.api.AvailabilityShare;
import dev.vmext.protocol.api.AvailabilityView;
import dev.vmext.protocol.api.BundleFile;
import dev.vmext.protocol.api.ChangeEvent;
import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandPiece;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.EnrolmentView;
import dev.vmext.protocol.api.Examination;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.Forgotten;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.LogText;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineMetrics;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.MachineState;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.MetricRange;
import dev.vmext.protocol.api.MetricRangeSeries;
import dev.vmext.protocol.api.MetricSeries;
import dev.vmext.protocol.api.RemovedView;
import dev.vmext.protocol.api.RepositoryKey;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.protocol.api.ServerStatus;
import dev.vmext.protocol.api.Session;
import dev.vmext.protocol.api.SignIn;
import dev.vmext.protocol.api.SignInLink;
import dev.vmext.protocol.api.SilenceCreate;
import dev.vmext.protocol.api.SilenceView;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.protocol.api.SnapshotView;
import dev.vmext.protocol.api.TokenCreate;
import dev.vmext.protocol.api.TokenSecret;
import dev.vmext.protocol.api.TokenView;
import dev.vmext.protocol.api.UnmanagedView;
import dev.vmext.protocol.api.VersionStateWrite;
import dev.vmext.protocol.api.WebhookCreate;
import dev.vmext.protocol.api.WebhookTest;
import dev.vmext.protocol.api.WebhookView;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.server.alert.Availability;
import dev.vmext.server.blob.testing.InMemoryBlobStore;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.diagnosis.MachineBundle;
import dev.vmext.server.metrics.MetricQueries;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.Refusals;
import dev.vmext.server.metrics.testing.InMemoryMetricStore;
import dev.vmext.server.provisioning.AgentArchive;
import dev.vmext.server.provisioning.Enrolments;
import dev.vmext.server.provisioning.GatewayFacts;
import dev.vmext.server.provisioning.Provisioner;
import dev.vmext.server.provisioning.Snapshots;
import dev.vmext.server.publishing.Publishers;
import dev.vmext.server.publishing.Publishing;
import dev.vmext.server.repository.RepositoryFiles;
import dev.vmext.server.repository.RepositoryKeeper;
import dev.vmext.server.repository.testing.FakeRestic;
import dev.vmext.server.settings.SchemaSettingsValidator;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks the table: every route has a rule, and the API's document says exactly what the table says. */
class RoutesTest {
    private static final List<Class<? extends Record>> BODIES = List.of(
            AlertRuleView.class,
            AlertRuleWrite.class,
            AlertView.class,
            AuditEntry.class,
            AvailabilityShare.class,
            AvailabilityView.class,
            BundleFile.class,
            ChangeEvent.class,
            CommandCreate.class,
            CommandPiece.class,
            CommandView.class,
            Examination.class,
            EnrolmentCreate.class,
            EnrolmentView.class,
            Examination.class,
            ExtensionView.class,
            ExtensionView.VersionView.class,
            InstallationView.class,
            InstallationView.CauseView.class,
            InstallationView.StatusView.class,
            InstallationView.SubstatusView.class,
            InstallationView.OrderView.class,
            InstallationView.AttemptedView.class,
            InstallationView.UsageView.class,
            InstallationView.RemovalView.class,
            InstallationView.ItemView.class,
            InstallationWrite.class,
            FindingAcknowledge.class,
            FindingPage.class,
            FindingView.class,
            Forgotten.class,
            InstallationView.OverdueView.class,
            LogText.class,
            MachineCreate.class,
            MachineMetrics.class,
            MachineView.class,
            MetricRange.class,
            MetricRangeSeries.class,
            MetricSeries.class,
            Problem.class,
            ServerStatus.class,
            ServerStatus.MetricsStatus.class,
            RemovedView.class,
            SnapshotCreate.class,
            DiskSnapshotView.class,
            MachineRecover.class,
            Session.class,
            SignIn.class,
            SilenceCreate.class,
            RepositoryKey.class,
            RepositoryPolicy.class,
            RepositoryStatus.class,
            RepositoryStatus.DaySize.class,
            RepositoryStatus.Outcome.class,
            RepositoryStatus.Proof.class,
            RepositoryStatus.Replication.class,
            RepositoryView.class,
            RepositoryWrite.class,
            SnapshotView.class,
            SilenceView.class,
            SignInLink.class,
            TokenCreate.class,
            TokenSecret.class,
            TokenView.class,
            UnmanagedView.class,
            VersionStateWrite.class,
            WebhookCreate.class,
            WebhookTest.class,
            WebhookView.class);

    @TempDir
    Path folder;

    private Routes routes;
    private JsonNode document;

    @BeforeEach
    void build() throws IOException {
        var clock = ManualClock.atNewYear();
        var fleet = new Fleet(
                new InMemoryFleetStore(),
                clock,
                new CountingIds(),
                new FakeSettingsValidator(),
                new FakeSealer(),
                Liveness.NOBODY);
        var publishers = Publishers.open(folder.resolve("publishers.json"), folder, new SecureRandom());
        var agent = new AgentArchive(Optional.empty());
        var gateway = new GatewayFacts(List.of(), 1, Digest.of(new byte[0]));
        var blobs = new InMemoryBlobStore();
        var provisioner = new Provisioner(
                fleet,
                List.of(),
                new Provisioner.Surroundings(
                        publishers,
                        agent,
                        () -> gateway,
                        folder,
                        Runnable::run,
                        clock,
                        new ProblemTranslator(() -> "1")::translate));
        var snapshots = new Snapshots(
                fleet,
                List.of(),
                new Snapshots.Stillness() {
                    @Override
                    public CompletableFuture<FreezeAnswer> hold(String machineId, String id, int seconds) {
                        return CompletableFuture.failedFuture(new IllegalStateException("nobody asks"));
                    }

                    @Override
                    public CompletableFuture<FreezeAnswer> release(String machineId, String id) {
                        return CompletableFuture.failedFuture(new IllegalStateException("nobody asks"));
                    }
                },
                Runnable::run,
                clock,
                new ProblemTranslator(() -> "1")::translate);
        var logs = new LogStreams((machine, installation, cursor, max) ->
                CompletableFuture.failedFuture(new IllegalStateException("nobody asks")));
        Supplier<ServerStatus> nobodyAsks = () -> {
            throw new IllegalStateException("nobody asks");
        };
        routes = new Routes(
                new Routes.Resources(
                        new StatusResource(nobodyAsks),
                        new MachineResource(
                                fleet,
                                provisioner,
                                (machine, tail) -> CompletableFuture.completedFuture(new LogAnswer("1", "", false)),
                                logs),
                        new SnapshotResource(fleet, snapshots, provisioner),
                        new ExaminationResource(
                                fleet,
                                (machine, kind) -> CompletableFuture.completedFuture(new byte[0]),
                                new MachineBundle(fleet, folder, nobodyAsks)),
                        new MetricResource(
                                fleet,
                                new MetricQueries(
                                        new InMemoryMetricStore(MetricRetention.DEFAULTS, clock),
                                        project -> Map.of(),
                                        clock),
                                new Refusals(),
                                clock::millis),
                        new InstallationResource(fleet, logs),
                        new CommandResource(
                                fleet, new CommandOutputs(folder.resolve("commands")), Duration.ofSeconds(1)),
                        new FindingResource(fleet),
                        new WebhookResource(fleet, (project, webhook) -> new WebhookTest("", 0)),
                        new AlertResource(
                                fleet,
                                new Availability(new InMemoryMetricStore(MetricRetention.DEFAULTS, clock), clock)),
                        new RepositoryResource(
                                fleet,
                                new RepositoryKeeper(
                                        fleet,
                                        RepositoryFiles.inFolder(folder.resolve("repositories"), 0, () -> "fresh"),
                                        new FakeRestic(),
                                        new RepositoryKeeper.Folders(folder, folder, folder),
                                        clock,
                                        () -> "fresh",
                                        Runnable::run)),
                        new EnrolmentResource(new Enrolments(fleet, publishers, agent, () -> gateway)),
                        new ExtensionResource(
                                fleet,
                                new Publishing(folder, publishers, blobs, fleet, new SchemaSettingsValidator()),
                                blobs),
                        new EventResource(fleet, Duration.ofSeconds(1)),
                        new SessionResource(fleet, () -> "http://127.0.0.1"),
                        new TokenResource(fleet),
                        new AuditResource(fleet)),
                1000);
        document = new YAMLMapper().readTree(Files.readAllBytes(Path.of("../docs/reference/openapi.yaml")));
    }

    @Test
    void hasOneRoutePerMethodAndPathAndAPermissionForEveryOne() {
        Set<String> seen = new HashSet<>();
        for (Route route : routes.table()) {
            assertThat(seen.add(route.method() + " " + route.path().text())).isTrue();
            assertThat(route.access()).isNotNull();
            if (!route.method().safe() && route.access() != Access.PUBLIC && route.access() != Access.SIGNED_IN) {
                assertThat(route.access().permission())
                        .as(route.path().text() + " changes something")
                        .isPresent()
                        .isNotEqualTo(Optional.of(Permission.READ));
            }
        }
        assertThat(routes.table().stream().filter(route -> route.access() == Access.PUBLIC))
                .extracting(route -> route.method() + " " + route.path().text())
                .containsExactly("POST /v1/session");
    }

    @Test
    void isDescribedPathByPathAndMethodByMethod() {
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().fieldNames().forEachRemaining(name -> {
                    if (!name.equals("parameters")) {
                        described.add(name.toUpperCase(Locale.ROOT) + " " + path.getKey());
                    }
                }));
        Set<String> routed = new TreeSet<>();
        routes.table()
                .forEach(route -> routed.add(route.method() + " " + route.path().text()));

        assertThat(described).isEqualTo(routed);
    }

    @Test
    void isDescribedWithItsPermissionsParametersAndBodies() {
        for (Route route : routes.table()) {
            JsonNode operation = operation(route);
            String what = route.method() + " " + route.path().text();
            assertThat(operation.path("x-vmext-access").asText())
                    .as(what)
                    .isEqualTo(route.access()
                            .permission()
                            .map(Permission::wire)
                            .orElseGet(() -> route.access()
                                    .name()
                                    .toLowerCase(Locale.ROOT)
                                    .replace('_', '-')));
            Set<String> query = new TreeSet<>();
            operation.path("parameters").forEach(parameter -> {
                if (parameter.path("in").asText().equals("query")) {
                    query.add(parameter.path("name").asText());
                }
            });
            assertThat(query).as(what).isEqualTo(new TreeSet<>(route.query()));
            assertThat(operation.has("requestBody")).as(what).isEqualTo(route.bodyLimit() > 0);
            assertThat(operation.at("/responses/default/$ref").asText())
                    .as(what)
                    .isEqualTo("#/components/responses/Problem");
        }
    }

    @Test
    void namesOnlyProblemsThereAre() {
        for (Route route : routes.table()) {
            assertThat(operation(route).path("x-vmext-problems"))
                    .isNotEmpty()
                    .allSatisfy(code -> assertThat(ProblemCode.find(code.asText()))
                            .as(code.asText())
                            .isPresent());
        }
    }

    @Test
    void describesEveryBodyWithItsComponents() {
        for (Class<? extends Record> body : BODIES) {
            JsonNode schema = document.at("/components/schemas/" + body.getSimpleName());
            assertThat(schema.isMissingNode()).as(body.getSimpleName()).isFalse();
            assertThat(names(schema.path("properties")))
                    .as(body.getSimpleName())
                    .containsExactly(Arrays.stream(body.getRecordComponents())
                            .map(component -> component.getName())
                            .toArray(String[]::new));
        }
    }

    @Test
    void describesNoBodyThatIsNotThere() {
        Set<String> known = new TreeSet<>();
        BODIES.forEach(body -> known.add(body.getSimpleName()));
        assertThat(names(document.at("/components/schemas")))
                .filteredOn(name -> !name.endsWith("Items"))
                .allSatisfy(name -> assertThat(known).contains(name));
    }

    @Test
    void knowsEveryStateThatCanBeAnswered() {
        assertThat(words("/components/schemas/MachineView/properties/state/enum"))
                .containsExactlyInAnyOrder(Arrays.stream(MachineState.values())
                        .map(MachineState::wire)
                        .toArray(String[]::new));
        assertThat(words("/components/schemas/CommandView/properties/state/enum"))
                .containsExactlyInAnyOrder(Arrays.stream(CommandState.values())
                        .map(CommandState::wire)
                        .toArray(String[]::new));
        assertThat(words("/components/schemas/FindingView/properties/state/enum"))
                .containsExactlyInAnyOrder(Arrays.stream(FindingState.values())
                        .map(FindingState::wire)
                        .toArray(String[]::new));
        assertThat(words("/components/schemas/FindingView/properties/severity/enum"))
                .containsExactly(Arrays.stream(FindingSeverity.values())
                        .map(FindingSeverity::wire)
                        .toArray(String[]::new));
        assertThat(words("/components/schemas/InstallationView/properties/state/enum"))
                .containsExactlyInAnyOrder(Arrays.stream(InstallationState.values())
                        .map(InstallationState::wire)
                        .toArray(String[]::new));
    }

    @Test
    void hasNoReferenceThatLeadsNowhere() {
        document.findValuesAsText("$ref")
                .forEach(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void tellsAnUnknownAddressFromAMethodItDoesNotTake() {
        assertThat(catchThrowableOfType(ProblemException.class, () -> routes.find("GET", List.of("v1", "nothing")))
                        .code())
                .isEqualTo(ProblemCode.ROUTE_NOT_FOUND);
        assertThat(catchThrowableOfType(ProblemException.class, () -> routes.find("PUT", List.of("v1", "status")))
                        .code())
                .isEqualTo(ProblemCode.METHOD_NOT_ALLOWED);
    }

    private JsonNode operation(Route route) {
        return document.path("paths")
                .path(route.path().text())
                .path(route.method().name().toLowerCase(Locale.ROOT));
    }

    private List<String> words(String pointer) {
        return StreamSupport.stream(document.at(pointer).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static List<String> names(JsonNode object) {
        return StreamSupport.stream(((Iterable<String>) object::fieldNames).spliterator(), false)
                .toList();
    }
}
