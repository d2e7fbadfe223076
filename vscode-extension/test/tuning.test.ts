import { describe, expect, it } from "vitest";
import { describeProgress, readProgress } from "../src/tuning/progress";

describe("the progress of a fine-tuning", () => {
  it("is the share of the whole run, and what it is doing", () => {
    const progress = readProgress('{"part": "train", "percent": 43}');
    expect(progress).toEqual({ percent: 43, part: "training", installed: undefined });
    expect(progress && describeProgress(progress)).toBe("43 % (training)");
  });

  it("ends with the folder of a model that has won", () => {
    const last = readProgress('{"part": "audit", "percent": 100, "installed": "/models/mine"}');
    expect(last?.installed).toBe("/models/mine");
  });

  it("has words for every part that the command names", () => {
    for (const part of ["curate", "plan", "train", "export", "prove", "audit"]) {
      expect(readProgress(JSON.stringify({ part, percent: 1 }))?.part).toMatch(/[a-z]/);
    }
    const unknown = readProgress('{"part": "dream", "percent": 7.4}');
    expect(unknown && describeProgress(unknown)).toBe("7 %");
  });

  it("is unknown where nothing can be read", () => {
    for (const written of ["", "{", "[]", '{"percent": "half"}']) {
      expect(readProgress(written)).toBeUndefined();
    }
    expect(readProgress('{"percent": 1e9}')?.percent).toBe(100);
  });
});
