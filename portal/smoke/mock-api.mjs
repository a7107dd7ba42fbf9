// A small control plane that is not there: answers what the portal asks, from data like the real ones. For developing the portal and for
// looking at it; it checks nothing that a server must check. Serves the built portal too, under the same content security policy.
//   node smoke/mock-api.mjs [port]      prints the address and a sign-in link
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { catalog, NOTHING_MORE, startingInstallations, startingMachines, startingRemovals } from "./mock-data.mjs";
import { manageMock, restoreStatus } from "./mock-manage.mjs";
import { watchMock } from "./mock-watch.mjs";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const MEDIA = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';" +
  " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const CODE = "mock-sign-in-code-0123456789";
const CONSOLE = `[    0.000000] Linux version 6.1.0-27-amd64 (debian-kernel@lists.debian.org)
[    1.204417] EXT4-fs (vda): mounted filesystem with ordered data mode
[    4.518226] cloud-init[412]: Cloud-init v. 22.4.2 running 'modules:final'
[    6.930115] vmext-agent[731]: connected to 10.0.2.2:4320 as demo
Debian GNU/Linux 12 demo ttyS0

demo login: `;

function statusOf(extension, settings) {
  if (extension.name === "vmext.Restore") {
    return restoreStatus(settings);
  }
  return {
    operation: "Enable",
    status: "success",
    code: "0",
    message: `${extension.displayName} did its work`,
    substatus: [{ name: "stdout", status: "success", code: "0", message: "<b>not bold</b> 100 % done\n" }],
  };
}

function shownCommand({ script: _script, ...command }) {
  return command;
}

/** Starts it, with much, with nothing or with a problem in every answer; says its address, a sign-in link, and ways to let things happen. */
export async function startMock({ port = 0, step = 900, empty = false, failing = false } = {}) {
  const machines = new Map((empty ? [] : startingMachines()).map((one) => [one.name, one]));
  const installations = new Map(
    (empty ? [] : startingInstallations()).map((one) => [`${one.machine}/${one.name}`, one]),
  );
  const removals = empty ? [] : startingRemovals();
  const commands = [];
  const streams = new Set();
  const changes = [];
  const timers = new Set();
  let codeUsed = false;
  let session = "";

  const later = (milliseconds, action) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, milliseconds);
    timers.add(timer);
  };

  function announce(kind, machine, name, gone = false) {
    const event = { id: changes.length + 1, kind, project: "default", machine, name, gone };
    changes.push(event);
    for (const stream of streams) {
      send(stream, event);
    }
  }

  const watch = watchMock({ announce, answer, problem, empty });
  const manage = manageMock({ announce, answer, problem, later, step, empty });

  function send(stream, event) {
    stream.write(`id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`);
  }

  function count(machine) {
    const own = [...installations.values()].filter((one) => one.machine === machine.name && !one.removing);
    machine.installations = own.length;
    machine.healthyInstallations = own.filter((one) => one.healthy).length;
    if (machine.state === "online") {
      machine.lastSeen = new Date().toISOString();
    }
    return machine;
  }

  function move(installation, changed) {
    Object.assign(installation, changed, { stateSince: new Date().toISOString() });
    announce("installation", installation.machine, installation.name);
  }

  function put(machine, name, body, response) {
    const extension = catalog.find((one) => one.name === body.extension);
    if (!extension) {
      return problem(
        response,
        404,
        "extension-not-found",
        `cannot install ${body.extension}: the catalog does not have it`,
        "vmext extension list shows what there is.",
      );
    }
    if (JSON.stringify(body.settings ?? {}).includes("refuse-me")) {
      return problem(
        response,
        422,
        "settings-invalid",
        `cannot install ${name} on ${machine}: setting script is refused here`,
        "Change the script.",
      );
    }
    const key = `${machine}/${name}`;
    const before = installations.get(key);
    const now = new Date().toISOString();
    const next = {
      machine,
      name,
      extension: extension.name,
      constraint: body.version ?? "*",
      version: body.version ?? extension.latest,
      runningVersion: before?.runningVersion ?? null,
      category: extension.category,
      kind: extension.kind,
      state: "pending",
      healthy: false,
      cause: null,
      status: null,
      output: before?.output ?? "",
      exitCode: null,
      attempt: 1,
      settings: body.settings ?? {},
      protectedKeys: body.protectedSettings ? Object.keys(body.protectedSettings) : (before?.protectedKeys ?? []),
      after: body.after ?? [],
      sequence: before ? before.sequence + 1 : 0,
      appliedSequence: before ? before.sequence : -1,
      removing: false,
      createdAt: before?.createdAt ?? now,
      changedAt: now,
      stateSince: now,
      ...NOTHING_MORE,
    };
    installations.set(key, next);
    announce("installation", machine, name);
    later(step, () => move(next, { state: before ? "enabling" : "installing" }));
    later(2 * step, () => move(next, { state: "enabling", runningVersion: next.version }));
    later(3 * step, () =>
      move(next, {
        state: "ready",
        healthy: true,
        appliedSequence: next.sequence,
        exitCode: 0,
        output: "",
        status: statusOf(extension, next.settings),
      }),
    );
    answer(response, before ? 200 : 201, next);
  }

  function api(request, response, path, body) {
    const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
    const method = request.method;
    if (path === "/v1/session" && method === "POST") {
      if (codeUsed || body.code !== CODE) {
        return problem(
          response,
          401,
          "sign-in-link-used",
          "cannot sign in: the link was used or has expired",
          "Ask for a new one with vmext portal.",
        );
      }
      codeUsed = true;
      session = "mock-session";
      response.setHeader("Set-Cookie", "vmext_session=mock-session; Path=/; HttpOnly; SameSite=Strict");
      return answer(response, 200, SESSION);
    }
    if (!session || !(request.headers.cookie ?? "").includes(`vmext_session=${session}`)) {
      return problem(
        response,
        401,
        "not-signed-in",
        "cannot answer: the request has neither a token nor a session",
        "Ask for a sign-in link with vmext portal.",
      );
    }
    if (path === "/v1/session") {
      if (method === "DELETE") {
        session = "";
        return answer(response, 204);
      }
      return answer(response, 200, SESSION);
    }
    if (path === "/v1/status") {
      return answer(response, 200, {
        version: "0.1.0",
        startedAt: new Date(Date.now() - 3_600_000).toISOString(),
        home: "/home/ada/.local/share/vmext",
        api: "http://127.0.0.1:7440",
        gateway: "127.0.0.1:4320",
        caDigest: `sha256:${"5d".repeat(32)}`,
        machines: {},
        installations: {},
        extensions: catalog.length,
        connectedAgents: 2,
      });
    }
    if (path === "/v1/events") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      response.write(": mock changes\n\n");
      const last = Number(request.headers["last-event-id"] ?? changes.length);
      for (const event of changes.slice(last)) {
        send(response, event);
      }
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    if (path === "/v1/extensions") {
      return answer(response, 200, { items: catalog });
    }
    if (failing && parts[1] === "projects") {
      return problem(
        response,
        507,
        "disk-full",
        "cannot read the database: no space is left on the disk",
        "Make room where VMEXT_HOME is.",
      );
    }
    const query = new URL(request.url, "http://mock").searchParams;
    if (
      parts[1] === "projects" &&
      (manage(method, parts.slice(3), query, response) || watch(method, parts.slice(3), query, body, response))
    ) {
      return;
    }
    if (parts[1] === "projects" && parts[3] === "machines") {
      return machineApi(method, parts.slice(4), body, request, response);
    }
    problem(
      response,
      404,
      "route-not-found",
      `cannot answer ${path}: there is no such address`,
      "The mock knows only what the portal asks.",
    );
  }

  function machineApi(method, [name, part, item, order], body, request, response) {
    if (name === undefined) {
      return answer(response, 200, { items: [...machines.values()].map(count) });
    }
    const machine = machines.get(name);
    if (!machine) {
      return problem(
        response,
        404,
        "machine-not-found",
        `cannot find machine ${name}: project default has none of that name`,
        "vmext machine list shows all machines.",
      );
    }
    if (part === undefined && method === "GET") {
      return answer(response, 200, count(machine));
    }
    if (part === undefined && method === "DELETE") {
      machine.state = "deleting";
      announce("machine", name, "");
      later(step, () => {
        machines.delete(name);
        announce("machine", name, "", true);
      });
      return answer(response, 204);
    }
    if (part === "start" || part === "stop") {
      Object.assign(
        machine,
        part === "start"
          ? { state: "online", power: "running", problem: null }
          : { state: "offline", power: "stopped", message: "stopped on request" },
      );
      announce("machine", name, "");
      return answer(response, 200, count(machine));
    }
    if (part === "logs" && new URL(request.url, "http://mock").searchParams.get("follow") === "true") {
      response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
      const log = {
        machine: name,
        source: "agent",
        text: "2026-01-01T00:00:00Z INFO ServerLink: Connected\n",
        truncated: false,
      };
      response.write(`event: log\ndata: ${JSON.stringify(log)}\n\n`);
      return;
    }
    if (part === "logs") {
      return answer(response, 200, { machine: name, source: "console", text: CONSOLE, truncated: false });
    }
    if (part === "commands") {
      return commandApi(method, name, item, order, body, response);
    }
    if (part === "removals") {
      return answer(response, 200, { items: removals.filter((one) => one.machine === name) });
    }
    if (part === "installations" && item === undefined) {
      return answer(response, 200, { items: [...installations.values()].filter((one) => one.machine === name) });
    }
    const installation = installations.get(`${name}/${item}`);
    if (method === "PUT") {
      if (installation && request.headers["if-none-match"] === "*") {
        return problem(
          response,
          409,
          "installation-exists",
          `cannot create installation ${item} on machine ${name}: it exists`,
          "Choose another name.",
        );
      }
      return put(name, item, body, response);
    }
    if (!installation) {
      return problem(
        response,
        404,
        "installation-not-found",
        `cannot find ${item} on ${name}: there is no such installation`,
        "Reload the page.",
      );
    }
    if (method === "POST" && ["cancel", "retry", "reset", "release"].includes(order)) {
      const given = { number: Date.now(), kind: order, at: new Date().toISOString(), progress: "acknowledged" };
      move(installation, { order: given, offered: ["cancel"] });
      later(2 * step, () =>
        move(installation, {
          state: order === "cancel" ? "failed" : "ready",
          healthy: order !== "cancel",
          cause: null,
          attempted: null,
          offered: order === "cancel" ? ["retry", "reset"] : [],
          order: { ...given, progress: "taken" },
        }),
      );
      return answer(response, 200, installation);
    }
    if (method === "DELETE") {
      installation.removing = true;
      move(installation, { state: "removing", healthy: false });
      later(2 * step, () => {
        installations.delete(`${name}/${item}`);
        removals.unshift({
          machine: name,
          name: item,
          extension: installation.extension,
          version: installation.runningVersion,
          at: new Date().toISOString(),
          how: "uninstalled",
          report: null,
        });
        announce("installation", name, item, true);
      });
      return answer(response, 200, installation);
    }
    answer(response, 200, installation);
  }

  /** A command that says what it was given, and takes its time. */
  function commandApi(method, machine, id, order, body, response) {
    if (id === undefined && method === "GET") {
      return answer(response, 200, { items: commands.filter((one) => one.machine === machine).map(shownCommand) });
    }
    if (id === undefined) {
      const now = new Date().toISOString();
      const made = {
        id: `command-${commands.length + 1}`,
        machine,
        state: "running",
        interpreter: "/bin/sh",
        user: body.user ?? null,
        folder: "/",
        timeoutSeconds: 600,
        exitCode: null,
        cause: null,
        cancelling: false,
        outBytes: 0,
        errBytes: 0,
        truncated: false,
        createdBy: "user:ada",
        createdAt: now,
        expiresAt: now,
        startedAt: now,
        endedAt: null,
        script: body.script,
      };
      commands.unshift(made);
      announce("command", machine, made.id);
      return answer(response, 201, shownCommand(made));
    }
    const command = commands.find((one) => one.id === id);
    if (!command) {
      return problem(
        response,
        404,
        "command-not-found",
        `cannot find command ${id}: there is none`,
        "Look at the list.",
      );
    }
    if (order === "cancel") {
      Object.assign(command, { state: "cancelled", cancelling: true });
      announce("command", machine, id);
      return answer(response, 200, shownCommand(command));
    }
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    const piece = (stream, text) =>
      response.write(
        `event: output\ndata: ${JSON.stringify({ stream, offset: 0, data: Buffer.from(text).toString("base64") })}\n\n`,
      );
    const state = () => response.write(`event: command\ndata: ${JSON.stringify(shownCommand(command))}\n\n`);
    state();
    piece("out", `You said: ${command.script}`);
    later(step, () => {
      piece("err", "and that is all\n");
      if (command.state === "running") {
        Object.assign(command, { state: "exited", exitCode: 3, endedAt: new Date().toISOString() });
        announce("command", machine, id);
      }
      state();
      response.end();
    });
  }

  async function file(response, path) {
    const wanted = normalize(path).replace(/^(\.\.[/\\])+/, "");
    const isFile = wanted.startsWith("/assets/") || (extname(wanted) !== "" && wanted.lastIndexOf("/") === 0);
    try {
      const content = await readFile(join(dist, isFile ? wanted : "index.html"));
      response.writeHead(200, {
        "Content-Type": MEDIA[isFile ? extname(wanted) : ".html"] ?? "application/octet-stream",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
      });
      response.end(content);
    } catch {
      problem(
        response,
        404,
        "route-not-found",
        `cannot show ${path}: the portal has no such file`,
        "Build it with npm run build.",
      );
    }
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://mock");
    if (!pathname.startsWith("/v1/")) {
      void file(response, pathname);
      return;
    }
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (piece) => {
      text += piece;
    });
    request.on("end", () => api(request, response, pathname, text ? JSON.parse(text) : undefined));
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    signInLink: `${url}/sign-in#${CODE}`,
    /** Cuts all event streams, as a server that restarts would. */
    cut: () => {
      for (const stream of streams) {
        stream.destroy();
      }
    },
    close: () => {
      for (const timer of timers) {
        clearTimeout(timer);
      }
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const SESSION = {
  subject: "admin",
  permissions: [
    "access-write",
    "alert-write",
    "audit-read",
    "backup-write",
    "command-run",
    "enrol",
    "extension-publish",
    "finding-write",
    "installation-write",
    "machine-write",
    "read",
  ],
};

function answer(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function problem(response, status, code, detail, hint) {
  response.writeHead(status, { "Content-Type": "application/problem+json" });
  const title = code.replaceAll("-", " ");
  response.end(
    JSON.stringify({
      type: `urn:vmext:problem:${code}`,
      title: title.charAt(0).toUpperCase() + title.slice(1),
      status,
      detail,
      code,
      hint,
      retry: false,
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 0) });
  console.log(`${mock.url}\n${mock.signInLink}`);
}
