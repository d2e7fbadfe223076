import { describe, expect, it } from "vitest";
import { restAfter } from "../src/completion/acceptance";
import { readOffer } from "../src/completion/offer";
import { Snooze } from "../src/completion/snooze";

const shown = { uri: "file:///a.py", offset: 10, text: "return left + right\n    pass", id: "3" };
const edit = (text: string, change = {}) => ({ uri: shown.uri, offset: 10, replaced: 0, text, ...change });

describe("a part of a suggestion", () => {
  it.each(["return", " ", "(", "return left + right\n"])("may be %j, and leaves the rest", (part) => {
    const whole = { ...shown, text: `${part}more` };
    const rest = { ...whole, offset: 10 + part.length, text: "more", taken: part.length };
    expect(restAfter(edit(part), whole)).toEqual(rest);
  });

  it("goes on where the one before ended, and counts it", () => {
    const first = restAfter(edit("return"), shown);
    const second = first && restAfter(edit(" left", { offset: 16 }), first);
    expect(second).toEqual({ ...shown, offset: 21, text: " + right\n    pass", taken: 11 });
  });

  it.each([
    ["is the whole, which the item's command tells", edit(shown.text)],
    ["is other text", edit("raise ")],
    ["is none", edit("")],
    ["stands elsewhere", edit("return", { offset: 11 })],
    ["replaced something", edit("return", { replaced: 2 })],
    ["is in another document", edit("return", { uri: "file:///b.py" })],
  ])("is none when the edit %s", (_, other) => {
    expect(restAfter(other, shown)).toBeUndefined();
  });
});

describe("what the server says of a suggestion", () => {
  it("is its id, and the line on its source", () => {
    expect(readOffer(["7", null])).toEqual({ id: "7" });
    expect(readOffer(["7", { badge: "exact: requests" }])).toEqual({
      id: "7",
      badge: "exact: requests",
    });
    const source = { repo: "requests", license: "Apache-2.0" };
    expect(readOffer(["7", { badge: "x", source }])?.source).toEqual(source);
    expect(readOffer(["7", { badge: "x", source: { repo: "mine", license: null } }])?.source).toEqual({
      repo: "mine",
    });
    expect(readOffer(["7", { badge: "x", source: "requests" }])).toEqual({ id: "7", badge: "x" });
  });

  it.each([[undefined], [[]], [[3]], [[{}]]])("is nothing in %j", (parameters) => {
    expect(readOffer(parameters)).toBeUndefined();
  });
});

describe("a snooze", () => {
  it("ends by itself, or when it is ended", () => {
    let now = 1000;
    const snooze = new Snooze(() => now);
    expect(snooze.endsAt).toBeUndefined();
    snooze.start(5);
    expect(snooze.endsAt).toBe(301_000);
    now = 301_000;
    expect(snooze.endsAt).toBeUndefined();
    snooze.start(5);
    snooze.end();
    expect(snooze.endsAt).toBeUndefined();
  });
});
