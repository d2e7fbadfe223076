import { describe, expect, it } from "vitest";
import { answerOf } from "../src/attribution/answer";
import { inkedParts } from "../src/attribution/inkedParts";
import { badgeOf } from "../src/attribution/badge";
import { describeMatch, describeSource, readFinding, sourceDocument } from "../src/attribution/finding";
import { readReference, References, type Reference } from "../src/attribution/references";

const DATA = {
  kind: "exact",
  tier: "strong",
  documents: 3,
  sources: [
    {
      repo: "requests",
      path: "src/api.py",
      license: "Apache-2.0",
      firstLine: 12,
      lastLine: 20,
      text: "def get(url):\n    ...",
    },
  ],
};

function finding(data: unknown = DATA) {
  const found = readFinding(data);
  if (found === undefined) {
    throw new Error("no finding");
  }
  return found;
}

describe("a finding", () => {
  it("is read as the server sends it", () => {
    expect(finding().sources.map(describeSource)).toEqual([
      "requests, src/api.py:12-20, Apache-2.0",
    ]);
  });

  it("is the same when it is read again, as a command's argument is", () => {
    expect(readFinding(finding())).toEqual(finding());
  });

  it.each([undefined, null, {}, { sources: [] }, { sources: "x" }])("is not %j", (data) => {
    expect(readFinding(data)).toBeUndefined();
  });

  it.each([
    [{}, "This long passage stands word for word in the source"],
    [
      { kind: "renamed copy", tier: "weak" },
      "This short passage stands with other names in the source",
    ],
    [{ kind: "odd" }, "This long passage stands in the source (odd)"],
  ])("agrees with its source in words: %j", (change, words) => {
    expect(describeMatch(finding({ ...DATA, ...change }))).toBe(words);
  });

  it("opens as a document with licence, tier, and the passage", () => {
    const [source] = finding().sources;
    const text = source === undefined ? "" : sourceDocument(finding(), source);
    for (const part of ["requests", "lines 12-20", "Apache-2.0", "long passage", "2 more", "def get(url):"]) {
      expect(text).toContain(part);
    }
  });

  it("says so where no licence is known", () => {
    const unlicensed = finding({ ...DATA, sources: [{ repo: "x", path: "y.py" }] });
    expect(unlicensed.sources.map(describeSource)).toEqual(["x, y.py:1-1, no licence known"]);
  });
});

describe("what the status bar says of a source", () => {
  const badge = "exact: dunes, sand/quicksand.py:1, GPL-3.0-only";
  const named = { id: "1", badge, source: { repo: "dunes", license: "GPL-3.0-only" } };
  const plain = { id: "2" };

  it("is package and licence, and the whole sentence for who looks closer", () => {
    expect(badgeOf([named])).toEqual({
      text: "dunes · GPL-3.0-only",
      sentence: `The suggestion has a source: ${badge}.`,
    });
  });

  it("is nothing where nothing has a source", () => {
    expect(badgeOf([])).toBeUndefined();
    expect(badgeOf([plain, plain])).toBeUndefined();
  });

  it.each([
    [[named, plain, plain], "1 of 3: dunes · GPL-3.0-only"],
    [[plain, named, named], "2 of 3: dunes · GPL-3.0-only"],
  ])("claims of several that can be looked through only how many have one", (offers, text) => {
    expect(badgeOf(offers)?.text).toBe(text);
    expect(badgeOf(offers)?.sentence).toMatch(/^Suggestions with a source: \d of 3; exact: dunes/);
  });

  it("keeps the licence in sight of a package with a long name", () => {
    const long = { ...named, source: { repo: "x".repeat(200), license: "GPL-3.0-only" } };
    expect(badgeOf([long])?.text).toMatch(/^…x+ · GPL-3\.0-only$/);
    expect(badgeOf([long])?.text.length).toBeLessThan(50);
  });

  it("doesn't call a source what is none", () => {
    const late = { id: "1", badge: "not checked: The check took longer than 10 ms." };
    expect(badgeOf([late])).toEqual({
      text: "source unknown",
      sentence: "The source of the suggestion: not checked: The check took longer than 10 ms.",
    });
  });
});

describe("the underline", () => {
  const at = (line: number, character: number) => ({ line, character });
  const lineAt = (line: number) => ["x = [", "", "        1,", "    ]"][line] ?? "";

  it("leaves out the blanks before each line, and empty lines", () => {
    expect(inkedParts({ start: at(0, 4), end: at(3, 5) }, lineAt)).toEqual([
      { start: at(0, 4), end: at(0, 5) },
      { start: at(2, 8), end: at(2, 10) },
      { start: at(3, 4), end: at(3, 5) },
    ]);
  });

  it("stays within its span, and within the text", () => {
    expect(inkedParts({ start: at(2, 2), end: at(2, 9) }, lineAt)).toEqual([
      { start: at(2, 8), end: at(2, 9) },
    ]);
    expect(inkedParts({ start: at(3, 0), end: at(9, 7) }, lineAt)).toEqual([
      { start: at(3, 4), end: at(3, 5) },
    ]);
  });
});

describe("the references since the start", () => {
  const reference = (change: Partial<Reference> = {}): Reference => ({
    uri: "file:///a.py",
    line: 4,
    excerpt: "def get(url):",
    finding: finding(),
    ...change,
  });

  it("stay when the marks of a document go, and are listed once when they move", () => {
    const references = new References();
    expect(references.add([reference()])).toBe(true);
    expect(references.add([reference()])).toBe(false);
    expect(references.add([])).toBe(false);
    expect(references.add([reference({ line: 9 })])).toBe(true);
    expect(references.of("file:///a.py").map(({ line }) => line)).toEqual([9]);
  });

  it("are named by the server's excerpt, not by what stands at the range by now", () => {
    const references = new References();
    for (const line of [0, 1, 2]) {
      const moved = readReference("file:///a.py", line, { ...DATA, excerpt: "def get(url):" });
      references.add(moved === undefined ? [] : [moved]);
    }
    const [only, ...others] = references.of("file:///a.py");
    expect([only?.line, only?.excerpt, others]).toEqual([2, "def get(url):", []]);
    expect(readReference("file:///a.py", 0, { excerpt: "x" })).toBeUndefined();
  });

  it("grow with a passage that is taken word by word", () => {
    const references = new References();
    for (const excerpt of ["def", "def get(", "def get(url):", "get(url)"]) {
      references.add([reference({ excerpt })]);
    }
    references.add([reference({ excerpt: "def get(url): pass", uri: "file:///b.py" })]);
    expect(references.of("file:///a.py").map(({ excerpt }) => excerpt)).toEqual([
      "def get(url):",
      "get(url)",
    ]);
  });

  it("are listed by document and line", () => {
    const references = new References();
    references.add([
      reference({ line: 8, excerpt: "b" }),
      reference({ line: 2, excerpt: "a" }),
      reference({ uri: "file:///b.py" }),
    ]);
    expect(references.documents).toEqual(["file:///a.py", "file:///b.py"]);
    expect(references.of("file:///a.py").map(({ line }) => line)).toEqual([2, 8]);
    references.clear();
    expect(references.documents).toEqual([]);
  });
});

describe("the answer to a check, in one sentence", () => {
  it("says how much was found", () => {
    const reply = { error: null, references: [{}, {}], removed: [{}], unchecked: [] };
    expect(answerOf(reply)).toEqual({
      message: "Passages with a known source: 3.",
      outcome: "found",
    });
  });

  it("never calls clean what could not be checked", () => {
    const reply = { error: null, references: [], removed: [], unchecked: ["It is too short."] };
    expect(answerOf(reply)).toEqual({
      message: "No known source was found, but not all was checked: it is too short.",
      outcome: "nothing",
    });
  });

  it.each([
    ["The index /x is damaged.", "It can't be checked: the index /x is damaged."],
    ["Inkling is too old", "It can't be checked: Inkling is too old."],
  ])("says why it failed, with one full stop: %j", (error, message) => {
    expect(answerOf({ error })).toEqual({ message, outcome: "failed" });
  });

  it("says how to get an index where there is none", () => {
    const reply = { error: "There is no index of the training data here.", code: "no-index" };
    expect(answerOf(reply).message).toMatch(/^[^.]*'inkling attribution build CORPUS'[^.]*\.$/);
    expect(answerOf(reply).outcome).toBe("noIndex");
  });
});
