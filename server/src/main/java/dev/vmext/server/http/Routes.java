package dev.vmext.server.http;

import static dev.vmext.server.http.Method.DELETE;
import static dev.vmext.server.http.Method.GET;
import static dev.vmext.server.http.Method.PATCH;
import static dev.vmext.server.http.Method.POST;
import static dev.vmext.server.http.Method.PUT;

import dev.vmext.protocol.goal.Order;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The table of everything the API answers. A test holds it against {@code docs/reference/openapi.yaml}. */
final class Routes {
    private static final long KIB = 1024;
    /** A body of names and small values. */
    private static final long SMALL = 64 * KIB;
    /** Settings may hold scripts. */
    private static final long SETTINGS = 1024 * KIB;
    /** A machine may be declared with several installations. */
    private static final long MACHINE = 4096 * KIB;

    private static final long NONE = 0;

    private final List<Route> table;

    Routes(Resources r, long packageLimit) {
        String machines = "/v1/projects/{project}/machines";
        String machine = machines + "/{machine}";
        String installation = machine + "/installations/{installation}";
        String snapshot = machine + "/snapshots/{snapshot}";
        String commands = machine + "/commands";
        String command = commands + "/{command}";
        String extension = "/v1/extensions/{extension}";
        String findings = "/v1/projects/{project}/findings";
        String finding = findings + "/{finding}";
        String webhooks = "/v1/projects/{project}/webhooks";
        String webhook = webhooks + "/{webhook}";
        String project = "/v1/projects/{project}";
        String repository = machine + "/repositories/{installation}";
        String rule = project + "/alert-rules/{rule}";
        String packages = extension + "/versions/{version}/package";
        List<Route> orders = Arrays.stream(Order.Kind.values())
                .map(kind -> route(
                        POST,
                        installation + "/" + kind.wire(),
                        Access.INSTALLATION_WRITE,
                        NONE,
                        call -> r.installations().order(call, kind)))
                .toList();
        List<Route> others = List.of(
                route(GET, "/v1/status", Access.READ, NONE, r.status()::show),
                route(GET, machines, Access.READ, NONE, r.machines()::list),
                route(POST, machines, Access.MACHINE_WRITE, MACHINE, r.machines()::create),
                route(GET, machine, Access.READ, NONE, r.machines()::show),
                route(DELETE, machine, Access.MACHINE_WRITE, NONE, r.machines()::delete),
                route(POST, machine + "/start", Access.MACHINE_WRITE, NONE, r.machines()::start),
                route(POST, machine + "/stop", Access.MACHINE_WRITE, NONE, r.machines()::stop, "resume"),
                route(POST, machine + "/forget", Access.MACHINE_WRITE, NONE, r.machines()::forget),
                route(POST, machine + "/recover", Access.MACHINE_WRITE, SMALL, r.snapshots()::recover),
                route(GET, machine + "/snapshots", Access.READ, NONE, r.snapshots()::list),
                route(POST, machine + "/snapshots", Access.MACHINE_WRITE, SMALL, r.snapshots()::create),
                route(GET, snapshot, Access.READ, NONE, r.snapshots()::show),
                route(DELETE, snapshot, Access.MACHINE_WRITE, NONE, r.snapshots()::delete, "chain"),
                route(POST, snapshot + "/verify", Access.MACHINE_WRITE, NONE, r.snapshots()::verify),
                route(POST, snapshot + "/restore", Access.MACHINE_WRITE, NONE, r.snapshots()::restore),
                route(GET, machine + "/removals", Access.READ, NONE, r.machines()::removals),
                route(GET, machine + "/logs", Access.READ, NONE, r.machines()::logs, "source", "tail", "follow"),
                route(GET, machine + "/doctor", Access.READ, NONE, r.examinations()::doctor),
                route(GET, machine + "/bundle", Access.MACHINE_WRITE, NONE, r.examinations()::bundle),
                route(GET, machine + "/metrics", Access.READ, NONE, r.metrics()::show, "name", "match"),
                route(
                        GET,
                        machine + "/metrics/range",
                        Access.READ,
                        NONE,
                        r.metrics()::machineRange,
                        MetricQuestion.PARAMETERS),
                route(
                        GET,
                        "/v1/projects/{project}/metrics/range",
                        Access.READ,
                        NONE,
                        r.metrics()::projectRange,
                        MetricQuestion.PARAMETERS),
                route(GET, "/v1/projects/{project}/federate", Access.READ, NONE, r.metrics()::federate, "match[]"),
                route(GET, machine + "/installations", Access.READ, NONE, r.installations()::list),
                route(GET, installation, Access.READ, NONE, r.installations()::show),
                route(GET, installation + "/logs", Access.READ, NONE, r.installations()::logs, "tail", "follow"),
                route(PUT, installation, Access.INSTALLATION_WRITE, SETTINGS, r.installations()::put),
                route(DELETE, installation, Access.INSTALLATION_WRITE, NONE, r.installations()::delete),
                route(POST, installation + "/forget", Access.INSTALLATION_WRITE, NONE, r.installations()::forget),
                route(GET, commands, Access.READ, NONE, r.commands()::list),
                route(POST, commands, Access.COMMAND_RUN, SETTINGS, r.commands()::create),
                route(GET, command, Access.READ, NONE, r.commands()::show),
                route(GET, command + "/output", Access.COMMAND_RUN, NONE, r.commands()::output, "follow", "out", "err"),
                route(POST, command + "/cancel", Access.COMMAND_RUN, NONE, r.commands()::cancel),
                route(
                        GET,
                        findings,
                        Access.READ,
                        NONE,
                        r.findings()::list,
                        "machine",
                        "extension",
                        "installation",
                        "type",
                        "severity",
                        "state",
                        "limit",
                        "after"),
                route(GET, finding, Access.READ, NONE, r.findings()::show),
                route(POST, finding + "/acknowledge", Access.FINDING_WRITE, SMALL, r.findings()::acknowledge),
                route(GET, machine + "/availability", Access.READ, NONE, r.alerts()::availability),
                route(GET, project + "/repositories", Access.READ, NONE, r.repositories()::list),
                route(GET, machine + "/repositories", Access.READ, NONE, r.repositories()::ofMachine),
                route(GET, repository, Access.READ, NONE, r.repositories()::show),
                route(PATCH, repository, Access.BACKUP_WRITE, SMALL, r.repositories()::write),
                route(DELETE, repository, Access.ACCESS_WRITE, NONE, r.repositories()::delete),
                route(GET, repository + "/snapshots", Access.READ, NONE, r.repositories()::snapshots),
                route(POST, repository + "/check", Access.BACKUP_WRITE, NONE, r.repositories()::check),
                route(POST, repository + "/prove", Access.BACKUP_WRITE, NONE, r.repositories()::prove),
                route(POST, repository + "/replicate", Access.BACKUP_WRITE, NONE, r.repositories()::replicate),
                route(POST, repository + "/prune", Access.BACKUP_WRITE, NONE, r.repositories()::prune),
                route(POST, repository + "/key", Access.ACCESS_WRITE, NONE, r.repositories()::key),
                route(GET, project + "/alerts", Access.READ, NONE, r.alerts()::list),
                route(GET, project + "/alert-rules", Access.READ, NONE, r.alerts()::rules),
                route(GET, rule, Access.READ, NONE, r.alerts()::rule),
                route(PUT, rule, Access.ALERT_WRITE, SMALL, r.alerts()::putRule),
                route(DELETE, rule, Access.ALERT_WRITE, NONE, r.alerts()::deleteRule),
                route(POST, rule + "/enable", Access.ALERT_WRITE, NONE, r.alerts()::enable),
                route(POST, rule + "/disable", Access.ALERT_WRITE, NONE, r.alerts()::disable),
                route(GET, project + "/silences", Access.READ, NONE, r.alerts()::silences),
                route(POST, project + "/silences", Access.ALERT_WRITE, SMALL, r.alerts()::silence),
                route(DELETE, project + "/silences/{silence}", Access.ALERT_WRITE, NONE, r.alerts()::endSilence),
                route(GET, webhooks, Access.ACCESS_WRITE, NONE, r.webhooks()::list),
                route(POST, webhooks, Access.ACCESS_WRITE, SMALL, r.webhooks()::create),
                route(GET, webhook, Access.ACCESS_WRITE, NONE, r.webhooks()::show),
                route(DELETE, webhook, Access.ACCESS_WRITE, NONE, r.webhooks()::delete),
                route(POST, webhook + "/test", Access.ACCESS_WRITE, NONE, r.webhooks()::test),
                route(POST, "/v1/projects/{project}/enrolments", Access.ENROL, MACHINE, r.enrolments()::create),
                route(
                        GET,
                        "/v1/extensions",
                        Access.READ,
                        NONE,
                        r.extensions()::list,
                        "category",
                        "provider",
                        "platform"),
                route(POST, "/v1/extensions", Access.EXTENSION_PUBLISH, packageLimit, r.extensions()::publish),
                route(GET, extension, Access.READ, NONE, r.extensions()::show),
                route(
                        PUT,
                        extension + "/versions/{version}/state",
                        Access.EXTENSION_PUBLISH,
                        SMALL,
                        r.extensions()::state),
                route(GET, packages, Access.READ, NONE, r.extensions()::download),
                route(GET, "/v1/events", Access.READ, NONE, r.events()::stream),
                route(POST, "/v1/sign-in-links", Access.ACCESS_WRITE, NONE, r.sessions()::createLink),
                route(POST, "/v1/session", Access.PUBLIC, SMALL, r.sessions()::signIn),
                route(GET, "/v1/session", Access.SIGNED_IN, NONE, r.sessions()::show),
                route(DELETE, "/v1/session", Access.SIGNED_IN, NONE, r.sessions()::signOut),
                route(GET, "/v1/tokens", Access.ACCESS_WRITE, NONE, r.tokens()::list),
                route(POST, "/v1/tokens", Access.ACCESS_WRITE, SMALL, r.tokens()::create),
                route(DELETE, "/v1/tokens/{token}", Access.ACCESS_WRITE, NONE, r.tokens()::revoke),
                route(GET, "/v1/audit", Access.AUDIT_READ, NONE, r.audit()::list, "limit"));
        table = Stream.concat(others.stream(), orders.stream()).toList();
    }

    /** One class per resource. */
    record Resources(
            StatusResource status,
            MachineResource machines,
            SnapshotResource snapshots,
            ExaminationResource examinations,
            MetricResource metrics,
            InstallationResource installations,
            CommandResource commands,
            FindingResource findings,
            WebhookResource webhooks,
            AlertResource alerts,
            RepositoryResource repositories,
            EnrolmentResource enrolments,
            ExtensionResource extensions,
            EventResource events,
            SessionResource sessions,
            TokenResource tokens,
            AuditResource audit) {}

    /** The route of a request and the values of its path's places. */
    record Match(Route route, Map<String, String> path) {
        Match {
            path = Map.copyOf(path);
        }
    }

    List<Route> table() {
        return table;
    }

    Match find(String method, List<String> path) {
        Set<Method> others = EnumSet.noneOf(Method.class);
        for (Route route : table) {
            Optional<Map<String, String>> values = route.path().match(path);
            if (values.isPresent()) {
                if (route.method().name().equals(method)) {
                    return new Match(route, values.get());
                }
                others.add(route.method());
            }
        }
        String shown = "/" + Shown.text(String.join("/", path));
        if (others.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.ROUTE_NOT_FOUND,
                    "cannot answer " + shown + ": there is no such address",
                    "docs/reference/openapi.yaml lists all addresses.");
        }
        throw new ProblemException(
                ProblemCode.METHOD_NOT_ALLOWED,
                "cannot " + Shown.text(method) + " " + shown + ": it takes " + others,
                "Use one of those methods.");
    }

    private static Route route(
            Method method, String path, Access access, long bodyLimit, Route.Endpoint endpoint, String... query) {
        return new Route(method, PathTemplate.of(path), access, bodyLimit, List.of(query), endpoint);
    }
}
