import { describe, expect, it } from "vitest";
import { escape, page } from "../src/panels/html";
import { explanation } from "../src/panels/explanation";
import { statisticsSections } from "../src/panels/statistics";

const LAST = {
  prompt: [
    { name: "after the cursor", text: "x".repeat(120), tokens: 808 },
    { name: "special tokens between them", text: "", tokens: 4 },
  ],
  silence: null,
  code: null,
  typedAlong: false,
  rules: [{ code: "suffix-overlap", reason: "it repeats the rest", removed: 3 }],
  figures: { promptTokens: 812, reusedTokens: 806, newTokens: 9, prefillMs: 7.1, decodeMs: 21.4 },
};

const told = (last: unknown) =>
  explanation(last, 30).map(({ title, text, rows }) => [title, text, rows] as const);

describe("the explanation of the last request", () => {
  it("has prompt, tokens, cache, time and filters", () => {
    const sections = told(LAST);
    expect(sections.map(([title]) => title)).toEqual([
      "Outcome",
      "Prompt",
      "Tokens",
      "Time",
      "Filters",
    ]);
    expect(sections[1]?.[2]).toEqual([
      ["after the cursor", "120", "808"],
      ["special tokens between them", "0", "4"],
    ]);
    expect(sections[2]?.[2]).toContainEqual(["of them in the cache", "806"]);
    expect(sections[3]?.[2]).toContainEqual(["until the first token", "7.1 ms"]);
    expect(sections[4]?.[2]).toEqual([["suffix-overlap", "it repeats the rest", "3"]]);
  });

  it.each([
    [{ badge: "exact: requests, api.py:3", clean: false }, "exact: requests, api.py:3"],
    [{ badge: null, clean: false, unchecked: ["It is too short."] }, "Not checked: It is too short."],
    [{ badge: null, clean: true, unchecked: [] }, "No source was found."],
  ])("tells the sources, and never calls clean what was not checked: %j", (attribution, text) => {
    expect(told({ ...LAST, attribution }).at(-1)).toEqual(["Sources", text, undefined]);
  });

  it("has the prompt's texts, folded", () => {
    const [, prompt] = explanation(LAST, 30);
    expect(prompt?.folded).toEqual([{ title: "after the cursor", text: "x".repeat(120) }]);
  });

  it("gives the reason for silence", () => {
    const [outcome] = told({ silence: "this file may hold secrets", code: "secret-file", rules: [] });
    expect(outcome?.[1]).toBe("Nothing was shown: this file may hold secrets (secret-file).");
  });

  it.each([undefined, null, {}, [], "x", 3])("has a sentence when the answer is %j", (last) => {
    expect(told(last)[0]?.[1]).toBe("Nothing has been asked yet.");
  });
});

describe("the statistics", () => {
  it("are a row for each language", () => {
    const row = {
      shown: 10,
      accepted: 4,
      partly_accepted: 1,
      kept: 3,
      judged: 4,
      characters_taken: 88,
      latency_p50: 21.4,
      latency_p95: null,
    };
    expect(statisticsSections({ python: row })[0]?.rows).toEqual([
      ["python", "10", "4 (40 %)", "1 (10 %)", "3 (75 %)", "88", "21 ms", "–"],
    ]);
  });

  it("say so when there are none", () => {
    expect(statisticsSections({})[0]?.text).toBe("Nothing was shown yet.");
  });
});

describe("a page", () => {
  it("lets no text out of its place, and runs no scripts", () => {
    const evil = `<img src=x onerror="alert('&')">`;
    const html = page(evil, "en", [{ title: evil, text: evil, head: [evil], rows: [[evil]] }]);
    expect(html).not.toContain("<img");
    const folded = page("x", "en", [{ title: "x", folded: [{ title: evil, text: `\n${evil}` }] }]);
    expect(folded).toContain("<details><summary>&lt;img");
    expect(folded).toContain("<pre>\n\n&lt;img");
    expect(folded).not.toContain("<img");
    expect(html).toContain("default-src 'none'");
    expect(escape(evil)).toBe("&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;");
  });
});
