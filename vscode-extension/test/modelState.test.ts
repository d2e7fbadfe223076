import { describe, expect, it } from "vitest";
import { modelStatus } from "../src/modelState";

const server = "/usr/bin/inkling";

describe("what the server says of its model", () => {
  it("is waited for while it loads", () => {
    expect(modelStatus({ state: "loading", model: null }, server)).toEqual({ kind: "starting" });
  });

  it("names it when it is ready", () => {
    const reply = { state: "ready", model: { name: "starter" }, message: null };
    expect(modelStatus(reply, server)).toEqual({ kind: "ready", server, model: "starter" });
  });

  it("gives the server's own sentence when it can't be loaded", () => {
    const message = "There is no model at m.gguf. Name a GGUF file.";
    expect(modelStatus({ state: "failed", model: null, message }, server)).toEqual({
      kind: "failed",
      reason: message,
      remedy: "chooseModel",
    });
  });

  it.each([
    ["language-unknown-to-model", "the model was not trained on c"],
    ["secret-file", "files of this name hold secrets"],
    ["too-large", "the document is too large"],
  ])("keeps why a whole file is silent: %s", (code, silence) => {
    const reply = { state: "ready", model: { name: "m" }, last: { code, silence } };
    expect(modelStatus(reply, server)).toMatchObject({ silence: { code, reason: silence } });
  });

  it.each(["low-confidence", "mid-word", null, 3])("and not why a place is: %j", (code) => {
    const reply = { state: "ready", model: { name: "m" }, last: { code, silence: "x" } };
    expect(modelStatus(reply, server)).not.toHaveProperty("silence");
  });

  it.each([null, undefined, {}, "ready", [], { state: 3, model: "m" }])(
    "is ready as far as one knows when the reply is %j",
    (reply) => {
      expect(modelStatus(reply, server)).toEqual({ kind: "ready", server });
    },
  );
});
