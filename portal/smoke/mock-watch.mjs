// What the mock finds, measures and tells: for looking at the pages, like what real machines send.
import { secondsAgo } from "./seconds-ago.mjs";

function finding(given) {
  return {
    id: "",
    project: "default",
    machine: "demo",
    source: "machine",
    installation: "",
    extension: "",
    type: "",
    subject: "",
    severity: "medium",
    state: "open",
    since: secondsAgo(600),
    title: "",
    evidence: {},
    firstSeen: secondsAgo(7_000),
    lastSeen: secondsAgo(600),
    count: 1,
    acknowledgedBy: null,
    acknowledgedAt: null,
    note: null,
    resolution: null,
    ...given,
  };
}

function startingFindings() {
  const first = [
    finding({
      id: "11111111-aaaa-4000-8000-000000000001",
      installation: "antivirus",
      extension: "vmext.Antivirus",
      type: "malware-found",
      subject: "/home/ada/downloads/<b>invoice</b>.pdf.exe",
      severity: "critical",
      title: "Eicar-Test-Signature in <b>invoice</b>.pdf.exe",
      evidence: {
        signature: "Eicar-Test-Signature",
        sha256: "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
        quarantinedAs: "/var/lib/vmext.Antivirus/quarantine/000001",
      },
      lastSeen: secondsAgo(45),
    }),
    finding({
      id: "11111111-aaaa-4000-8000-000000000002",
      installation: "intrusion-detection",
      extension: "vmext.IntrusionDetection",
      type: "login-attack",
      subject: "203.0.113.77",
      severity: "high",
      title: "203.0.113.77 guesses passwords of sshd",
      evidence: { jail: "sshd", failures: "14", blocked: "yes" },
      count: 14,
      lastSeen: secondsAgo(130),
    }),
    finding({
      id: "11111111-aaaa-4000-8000-000000000003",
      source: "alert",
      type: "alert",
      subject: "disk-filling mountpoint=/var",
      title: "/var on demo has 8 % free",
      evidence: { rule: "disk-filling", value: "0.08" },
    }),
    finding({
      id: "11111111-aaaa-4000-8000-000000000004",
      machine: "edge-berlin-03",
      installation: "intrusion-detection",
      extension: "vmext.IntrusionDetection",
      type: "file-changed",
      subject: "/etc/passwd",
      severity: "high",
      title: "/etc/passwd was changed",
      state: "acknowledged",
      acknowledgedBy: "user:ada",
      acknowledgedAt: secondsAgo(300),
      note: "New account for the backup. Accepted with the next baseline.",
    }),
    finding({
      id: "11111111-aaaa-4000-8000-000000000005",
      machine: "",
      source: "control-plane",
      type: "webhook-failed",
      subject: "pager",
      severity: "low",
      title: "The webhook pager gave up messages",
    }),
    finding({
      id: "11111111-aaaa-4000-8000-000000000006",
      installation: "firewall",
      extension: "vmext.Firewall",
      type: "rules-drifted",
      subject: "table inet vmext",
      state: "resolved",
      resolution: "reported",
      title: "Somebody changed the rules of the firewall",
    }),
  ];
  const many = Array.from({ length: 70 }, (_, index) =>
    finding({
      id: `22222222-aaaa-4000-8000-${String(index).padStart(12, "0")}`,
      machine: "edge-berlin-03",
      installation: "intrusion-detection",
      extension: "vmext.IntrusionDetection",
      type: "login-attack",
      severity: "low",
      subject: `198.51.100.${index + 1}`,
      title: `198.51.100.${index + 1} tried to log in`,
      lastSeen: secondsAgo(4_000 + index * 60),
    }),
  );
  return [...first, ...many];
}

const RANKS = ["info", "low", "medium", "high", "critical"];

function series(name, kind, labels, at) {
  return { name, kind, labels: { installation: "metrics", source: "node", ...labels }, at };
}

/** Waves with a little noise that is the same each time. */
function noise(time, seed) {
  const x = Math.sin(time * 0.0137 + seed * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
}

const wave = (time, period, seed) => 0.5 + 0.4 * Math.sin((2 * Math.PI * time) / period + seed);
const GIB = 1024 ** 3;

const SERIES = [
  series("node_cpu_seconds_total", "counter", { mode: "idle" }, (t) => 0.9 - 0.5 * wave(t, 5_400, 1) * noise(t, 1)),
  series("node_cpu_seconds_total", "counter", { mode: "iowait" }, (t) => 0.06 * noise(t, 2)),
  series("node_memory_MemTotal_bytes", "gauge", {}, () => 2 * GIB),
  series("node_memory_MemAvailable_bytes", "gauge", {}, (t) => GIB * (0.7 + 0.4 * wave(t, 14_000, 2))),
  ...[
    ["/", 8, 0.35],
    ["/var", 20, 0.08],
  ].flatMap(([mountpoint, size, free]) => [
    series(
      "node_filesystem_avail_bytes",
      "gauge",
      { mountpoint, device: "/dev/vda1", fstype: "ext4" },
      (t) => size * GIB * (free + 0.1 * wave(t, 40_000, size)),
    ),
    series(
      "node_filesystem_size_bytes",
      "gauge",
      { mountpoint, device: "/dev/vda1", fstype: "ext4" },
      () => size * GIB,
    ),
  ]),
  series(
    "node_network_receive_bytes_total",
    "counter",
    { device: "eth0" },
    (t) => 3e5 * noise(t, 3) * wave(t, 3_000, 1),
  ),
  series("node_network_transmit_bytes_total", "counter", { device: "eth0" }, (t) => 9e4 * noise(t, 4)),
  series("node_load1", "gauge", {}, (t) => 1.4 * wave(t, 2_000, 0) * (0.6 + noise(t, 5))),
  series("node_load5", "gauge", {}, (t) => 1.2 * wave(t, 4_000, 0)),
  series("node_load15", "gauge", {}, (t) => wave(t, 9_000, 0)),
  series("up", "gauge", {}, () => 1),
  ...Array.from({ length: 30 }, (_, index) =>
    series("node_systemd_unit_state", "gauge", { name: `service-${index}.service`, state: "active" }, () => 1),
  ),
];

/** A tenth of the range, a third before its end, is a hole: the machine was off. */
function isHole(index, steps) {
  return index > steps * 0.6 && index < steps * 0.7;
}

function fits(labels, condition) {
  const [, label, sign, value] = /^(\w+)(=~|!~|!=|=)(.*)$/.exec(condition) ?? [];
  const own = labels[label] ?? "";
  const equal = sign.endsWith("~") ? new RegExp(`^(?:${value})$`).test(own) : own === value;
  return sign.startsWith("!") ? !equal : equal;
}

function rangeOf(query) {
  const step = Number.parseInt(query.get("step"), 10);
  const from = Math.floor(Number(query.get("from")) / step) * step;
  const steps = Math.ceil((Number(query.get("to")) - from) / step);
  const by = query.get("by")?.split(",");
  const found = SERIES.filter(
    (one) => one.name === query.get("name") && query.getAll("match").every((condition) => fits(one.labels, condition)),
  );
  return {
    name: query.get("name"),
    from: new Date(from * 1000).toISOString(),
    stepSeconds: step,
    steps,
    aggregate: "auto",
    series: found.map((one) => ({
      name: one.name,
      kind: one.kind,
      labels: by ? Object.fromEntries(by.map((label) => [label, one.labels[label] ?? ""])) : one.labels,
      values: Array.from({ length: steps }, (_, index) => (isHole(index, steps) ? null : one.at(from + index * step))),
    })),
  };
}

const REAL = "fstype!~tmpfs|overlay";

function startingRules() {
  const rule = (name, given, origin = "default", firing = 0) => ({
    name,
    origin,
    firing,
    rule: {
      summary: "",
      hint: "",
      severity: "medium",
      machines: {},
      metric: "up",
      where: [],
      dividedBy: null,
      combine: "each",
      by: [],
      kind: "threshold",
      comparison: "<",
      limit: 1,
      windowSeconds: 300,
      aheadSeconds: null,
      memorySeconds: null,
      lastsSeconds: 60,
      clearsSeconds: 60,
      enabled: true,
      ...given,
    },
  });
  return [
    rule("cpu-busy", {
      summary: "The processors of {machine} have been idle {value:percent} of half an hour",
      metric: "node_cpu_seconds_total",
      where: ["mode=idle"],
      combine: "avg",
      kind: "rate",
      limit: 0.05,
      lastsSeconds: 1800,
      severity: "low",
      enabled: false,
    }),
    rule(
      "disk-filling",
      {
        summary: "{mountpoint} on {machine} has {value:percent} free",
        hint: "Find what takes the space: du -xh --max-depth=2 {mountpoint} | sort -h",
        metric: "node_filesystem_avail_bytes",
        where: [REAL],
        dividedBy: "node_filesystem_size_bytes",
        limit: 0.1,
      },
      "changed",
      1,
    ),
    rule("disk-full-soon", {
      summary: "{mountpoint} on {machine} is full within a day if it goes on like this",
      metric: "node_filesystem_avail_bytes",
      where: [REAL],
      kind: "forecast",
      limit: 0,
      windowSeconds: 21600,
      aheadSeconds: 86400,
      lastsSeconds: 900,
      severity: "high",
    }),
    rule(
      "machine-offline",
      {
        summary: "{machine} has not been connected for 5 minutes",
        hint: "Look whether it runs and reaches the gateway: vmext doctor {machine}",
        metric: "vmext_machine_online",
        severity: "high",
        lastsSeconds: 300,
      },
      "default",
      1,
    ),
    rule("metrics-missing", {
      summary: "{machine} is connected, but no metrics of {source} come in",
      kind: "absence",
      comparison: null,
      limit: null,
      windowSeconds: 600,
      memorySeconds: 86400,
      lastsSeconds: 0,
    }),
    rule("queue-long", { summary: "The queue of {machine} has {value} entries", comparison: ">", limit: 1000 }, "own"),
  ];
}

function startingAlerts() {
  const alert = (given) => ({
    rule: "",
    machine: "demo",
    labels: {},
    state: "firing",
    severity: "medium",
    value: 0,
    summary: "",
    hint: "",
    since: secondsAgo(4_000),
    firedAt: secondsAgo(3_940),
    silenced: false,
    ...given,
  });
  return [
    alert({
      rule: "disk-filling",
      labels: { mountpoint: "/var", device: "/dev/vda1" },
      value: 0.08,
      summary: "/var on demo has 8 % free",
      hint: "Find what takes the space: du -xh --max-depth=2 /var | sort -h",
    }),
    alert({
      rule: "machine-offline",
      machine: "edge-berlin-03",
      severity: "high",
      summary: "edge-berlin-03 has not been connected for 5 minutes",
      hint: "Look whether it runs and reaches the gateway: vmext doctor edge-berlin-03",
      silenced: true,
    }),
    alert({
      rule: "memory-low",
      severity: "high",
      state: "pending",
      firedAt: null,
      summary: "demo has 4 % of its memory available",
    }),
  ];
}

function share(window, percent, known = 100) {
  return { window, percent, known };
}

const AVAILABILITY = [
  {
    kind: "machine",
    name: "",
    installation: "",
    state: "healthy",
    shares: [share("day", 100), share("week", 99.972), share("month", 99.4, 61)],
  },
  {
    kind: "installation",
    name: "firewall",
    installation: "firewall",
    state: "healthy",
    shares: [share("day", 100), share("week", 98.21), share("month", 97.9, 61)],
  },
  {
    kind: "probe",
    name: "shop-front",
    installation: "application-health",
    state: "unhealthy",
    shares: [share("day", 87.654), share("week", 95.1), share("month", null, 0)],
  },
];

/** The part of the mock that answers about these things; announce tells watchers of a change. */
export function watchMock({ announce, answer, problem, empty }) {
  const findings = empty ? [] : startingFindings();
  const rules = startingRules();
  const alerts = empty ? [] : startingAlerts();
  const silences = empty
    ? []
    : [
        {
          id: "s1",
          matchers: ["rule=machine-offline", "machine=edge-berlin-03"],
          comment: "The link to Berlin is being repaired",
          from: secondsAgo(3_000),
          until: secondsAgo(-9_000),
          createdBy: "user:ada",
          createdAt: secondsAgo(3_000),
          state: "active",
          covers: 1,
        },
      ];
  const webhooks = empty
    ? []
    : [
        {
          name: "pager",
          project: "default",
          url: "https://pager.example.com/hooks/0a1b2c",
          events: ["finding.opened", "finding.worsened"],
          types: [],
          severity: "high",
          createdBy: "user:ada",
          createdAt: secondsAgo(90_000),
          waiting: 3,
          lost: 1,
          lastDelivered: secondsAgo(7_000),
          failingSince: secondsAgo(1_800),
          retryAt: secondsAgo(-300),
          lastError: "pager.example.com answered HTTP 503",
        },
      ];

  function missing(response, thing, name) {
    problem(response, 404, `${thing}-not-found`, `cannot find ${thing} ${name}: there is none`, "Look at the list.");
  }

  function findingApi(method, [id, order], query, body, response) {
    if (id === undefined) {
      const states = query.get("state")?.split(",");
      const found = findings.filter(
        (one) =>
          ["machine", "extension", "type"].every((part) => !query.get(part) || one[part] === query.get(part)) &&
          (!states || states.includes(one.state)) &&
          RANKS.indexOf(one.severity) >= RANKS.indexOf(query.get("severity") ?? "info"),
      );
      const start = Number(query.get("after") ?? 0);
      const end = start + Number(query.get("limit") ?? 100);
      return answer(response, 200, { items: found.slice(start, end), next: end < found.length ? String(end) : null });
    }
    const one = findings.find((other) => other.id === id);
    if (!one) {
      return missing(response, "finding", id);
    }
    if (method === "POST" && order === "acknowledge") {
      const now = new Date().toISOString();
      Object.assign(one, {
        state: "acknowledged",
        since: now,
        acknowledgedBy: "user:ada",
        acknowledgedAt: now,
        note: body.note,
      });
      announce("finding", one.machine, id);
    }
    answer(response, 200, one);
  }

  function ruleApi(method, [name, order], body, response) {
    if (name === undefined) {
      return answer(response, 200, { items: rules });
    }
    let one = rules.find((other) => other.name === name);
    if (method === "PUT") {
      if (body.metric.includes("refuse-me")) {
        return problem(response, 422, "invalid-value", `cannot use the rule: it is refused here`, "Change the metric.");
      }
      if (!one) {
        one = { name, origin: "own", firing: 0, rule: body };
        rules.push(one);
      }
      Object.assign(one, { rule: body, origin: one.origin === "default" ? "changed" : one.origin });
    } else if (!one) {
      return missing(response, "alert-rule", name);
    } else if (method === "POST") {
      one.rule.enabled = order === "enable";
    } else if (method === "DELETE") {
      if (one.origin === "own") {
        rules.splice(rules.indexOf(one), 1);
      }
      one.origin = "default";
    }
    announce("alert-rule", "", name);
    answer(response, 200, one);
  }

  function silenceApi(method, [id], body, response) {
    if (method === "POST") {
      const from = body.from ?? new Date().toISOString();
      const made = {
        ...body,
        id: `s${silences.length + 1}`,
        from,
        until: new Date(Date.parse(from) + body.seconds * 1000).toISOString(),
        createdBy: "user:ada",
        createdAt: new Date().toISOString(),
        state: "active",
        covers: 1,
      };
      silences.push(made);
      announce("silence", "", made.id);
      return answer(response, 201, made);
    }
    const one = silences.find((other) => other.id === id);
    if (method === "DELETE" && one) {
      Object.assign(one, { state: "over", covers: 0 });
      announce("silence", "", id);
      return answer(response, 200, one);
    }
    answer(response, 200, { items: silences });
  }

  function webhookApi(method, [name, order], body, response) {
    if (method === "GET") {
      return answer(response, 200, { items: webhooks });
    }
    const one = webhooks.find((other) => other.name === name);
    if (method === "POST" && order === "test") {
      return one?.failingSince
        ? problem(
            response,
            502,
            "webhook-failed",
            `cannot send to ${name}: the receiver answered HTTP 503`,
            "Look at the receiver.",
          )
        : answer(response, 200, { message: "m1", status: 204 });
    }
    if (method === "POST") {
      const made = {
        ...webhooks[0],
        ...{ waiting: 0, lost: 0, lastDelivered: null, failingSince: null, retryAt: null, lastError: null },
        name: body.name,
        url: body.url,
        events: body.events ?? [],
        types: body.types ?? [],
        severity: body.severity ?? "info",
        project: "default",
        createdBy: "user:ada",
        createdAt: new Date().toISOString(),
      };
      webhooks.push(made);
      return answer(response, 201, made);
    }
    webhooks.splice(webhooks.indexOf(one), 1);
    answer(response, 204);
  }

  function machineApi(machine, [part, order], query, response) {
    const measures = machine === "demo" && !empty;
    if (part === "availability") {
      return answer(response, 200, { items: measures ? AVAILABILITY : [] });
    }
    if (order === "range") {
      return answer(response, 200, rangeOf(query));
    }
    answer(response, 200, {
      machine,
      series: measures
        ? SERIES.map(({ at, ...one }) => ({
            ...one,
            time: secondsAgo(20),
            value: at(Math.floor(Date.now() / 1000)),
            ended: false,
          }))
        : [],
      refused: 0,
      refusedAt: null,
      refusedReason: null,
    });
  }

  /** Answers, or says that the question is about something else. */
  return function watch(method, parts, query, body, response) {
    const [kind, ...rest] = parts;
    switch (kind) {
      case "findings":
        findingApi(method, rest, query, body, response);
        return true;
      case "alerts":
        answer(response, 200, { items: alerts });
        return true;
      case "alert-rules":
        ruleApi(method, rest, body, response);
        return true;
      case "silences":
        silenceApi(method, rest, body, response);
        return true;
      case "webhooks":
        webhookApi(method, rest, body, response);
        return true;
      case "machines":
        if (rest[1] === "metrics" || rest[1] === "availability") {
          machineApi(rest[0], rest.slice(1), query, response);
          return true;
        }
        return false;
      default:
        return false;
    }
  };
}
