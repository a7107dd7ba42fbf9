import { expect, test } from "vitest";
import { ApiProblem, problemOf, readProblem, unreachable } from "./client";

test("reads a problem document", () => {
  const told = {
    type: "urn:vmext:problem:single-instance",
    title: "The extension can be installed once per machine",
    status: 409,
    detail: "cannot install firewall-2 on demo: vmext.Firewall is there as firewall",
    code: "single-instance",
    hint: "Change firewall instead.",
    retry: false,
  };
  expect(readProblem(409, JSON.stringify(told))).toEqual(told);
});

test.each(["<html>502 Bad Gateway</html>", "", "null", '{"message":"x"}'])(
  "an answer of something else says so: %s",
  (body) => {
    expect(readProblem(502, body)).toMatchObject({ code: "unexpected-answer", status: 502, retry: true });
  },
);

test("any error becomes a problem with something to do", () => {
  expect(problemOf(new ApiProblem(unreachable("no connection")))).toMatchObject({ code: "server-unreachable" });
  expect(problemOf(new TypeError("x is undefined"))).toMatchObject({ code: "portal-fault", detail: "x is undefined" });
  expect(problemOf("?").hint).not.toBe("");
});
