import { expect, test } from "vitest";
import { SseReader } from "./sse";

const STREAM =
  ': hello\n\nid: 1\nevent: change\ndata: {"a":1}\n\nid: 2\r\ndata: one\r\ndata: two\r\n\r\nretry: 10\nunknown\n\ndata:no space\r\rdata: cut';

const MESSAGES = [
  { id: "1", event: "change", data: '{"a":1}' },
  { id: "2", event: "message", data: "one\ntwo" },
  { id: "2", event: "message", data: "no space" },
];

test("reads messages, comments and every line ending", () => {
  expect(new SseReader().feed(STREAM)).toEqual(MESSAGES);
});

test("reads the same from whatever pieces", () => {
  for (let size = 1; size < STREAM.length; size++) {
    const reader = new SseReader();
    const found = [];
    for (let at = 0; at < STREAM.length; at += size) {
      found.push(...reader.feed(STREAM.slice(at, at + size)));
    }
    expect(found).toEqual(MESSAGES);
  }
});
