import { describe, expect, it } from "vitest";
import { appended, Base64Text, byteLength, unseen } from "./tail";

describe("appended", () => {
  it("keeps the end in whole lines", () => {
    expect(appended("one\n", "two\n", 100)).toBe("one\ntwo\n");
    expect(appended("one\ntwo\n", "three\n", 10)).toBe("three\n");
  });
});

describe("unseen", () => {
  it("goes on where the text was", () => {
    expect(unseen("one\ntwo\n", "one\ntwo\nthree\n")).toBe("three\n");
    expect(unseen("one\n", "nine\nten\n")).toBe("nine\nten\n");
    expect(unseen("", "one\n")).toBe("one\n");
  });
});

describe("Base64Text", () => {
  it("puts a letter together that was cut in two", () => {
    const text = new Base64Text();
    const bytes = new TextEncoder().encode("ä!");
    const half = (from: number, to: number) => btoa(String.fromCharCode(...bytes.slice(from, to)));
    expect(text.feed(half(0, 1)) + text.feed(half(1, 3))).toBe("ä!");
    expect(byteLength(half(0, 3))).toBe(3);
  });
});
