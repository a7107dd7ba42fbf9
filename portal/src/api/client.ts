import type { Problem } from "./types";

/** What the API answered instead of a result, or what kept it from answering. */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

export function unreachable(why: string): Problem {
  return {
    type: "urn:vmext:problem:server-unreachable",
    title: "The control plane does not answer",
    status: 503,
    detail: `cannot reach the control plane: ${why}`,
    code: "server-unreachable",
    hint: "Look whether it runs with: vmext status. The page goes on by itself when it is back.",
    retry: true,
  };
}

/** The problem in an answer's body, or one that says that the body is none. */
export function readProblem(status: number, body: string): Problem {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && "code" in value && "detail" in value) {
      const given = value as Partial<Problem>;
      return {
        type: String(given.type ?? "about:blank"),
        title: String(given.title ?? "The request failed"),
        status,
        detail: String(given.detail),
        code: String(given.code),
        hint: String(given.hint ?? ""),
        retry: given.retry === true,
      };
    }
  } catch {
    // A proxy's page, or half an answer: the problem below says so.
  }
  return {
    type: "about:blank",
    title: "The answer is not the API's",
    status,
    detail: `cannot read the answer: HTTP ${status} without a problem document`,
    code: "unexpected-answer",
    hint: "Something between browser and control plane may have answered. Reload the page.",
    retry: status >= 500,
  };
}

export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) {
    return error.problem;
  }
  return {
    type: "about:blank",
    title: "The portal has a bug",
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    code: "portal-fault",
    hint: "Reload the page. The command line can do the same work meanwhile.",
    retry: false,
  };
}

interface Request {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** One request to the API. The session travels in a cookie that scripts cannot read. */
export async function call<T>(method: string, path: string, request: Request = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json", ...request.headers };
  const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (request.signal) {
    init.signal = request.signal;
  }
  if (request.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(request.body);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, init);
    text = await response.text();
  } catch (error) {
    if (request.signal?.aborted) {
      throw error;
    }
    throw new ApiProblem(unreachable("no connection"));
  }
  if (!response.ok) {
    throw new ApiProblem(readProblem(response.status, text));
  }
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
