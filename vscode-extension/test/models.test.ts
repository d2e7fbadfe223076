import { describe, expect, it } from "vitest";
import { adapterChoices, adapterName } from "../src/models/adapterList";
import { modelChoices, percentOf, pulledFolder, readModels } from "../src/models/modelList";

const REPLY = {
  models: [
    { name: "mine", path: "/models/mine", bytes: 2e9, licence: "MIT", note: null },
    { name: "large", path: null, bytes: 5.31e9, licence: "Apache-2.0", note: "good" },
    { path: "/without/a/name" },
  ],
};

describe("the list of models", () => {
  const models = readModels(REPLY);

  it("has what the server names", () => {
    expect(models.map(({ name }) => name)).toEqual(["mine", "large"]);
    expect(readModels(undefined)).toEqual([]);
  });

  it("marks the present one, and says what has to be downloaded", () => {
    const [standard, mine, large, browse] = modelChoices(models, "/models/mine", undefined);
    expect(standard?.action).toEqual({ kind: "use", path: "" });
    expect(mine?.label).toBe("$(check) mine");
    expect(large?.description).toBe("download 5.3 GB");
    expect(large?.action).toEqual({ kind: "download", name: "large" });
    expect(large?.detail).toBe("Apache-2.0 · good");
    expect(browse?.action.kind).toBe("browse");
  });

  it("has the present one also if it was chosen as a file", () => {
    const file = String.raw`C:\models\other.gguf`;
    const [, other] = modelChoices(models, file, undefined);
    expect(other).toMatchObject({
      label: "$(check) other.gguf",
      description: file,
      action: { kind: "use", path: file },
    });
    expect(modelChoices(models, "", undefined).map(({ label }) => label)).not.toContain("$(check) ");
  });

  it("goes back to the one before, which may be the default", () => {
    const [back] = modelChoices(models, "/models/mine", "");
    expect(back?.label).toContain("Roll Back");
    expect(back?.action).toEqual({ kind: "use", path: "" });
    expect(modelChoices(models, "", "")[0]?.label).not.toContain("Roll Back");
  });
});

describe("a download", () => {
  it("tells its share", () => {
    expect(percentOf("model.gguf:  37%|███▋      | 196M/531M")).toBe(37);
    expect(percentOf("connecting")).toBeUndefined();
  });

  it("ends with the folder", () => {
    const output = "The model is in /home/me/my models/large.\nTo use it: inkling model use large\n";
    expect(pulledFolder(output)).toBe("/home/me/my models/large");
  });
});

describe("the list of adapters", () => {
  const reply = {
    adapters: [
      { name: "mine", path: "/models/mine/adapter.gguf", base: "starter", fits: true, used: true },
      { name: "other", path: "/models/other/adapter.gguf", base: "large", fits: false, used: false },
      { name: "without a path" },
    ],
  };

  it("marks the one in use, and names the model that another one is for", () => {
    const [plain, mine, other, browse] = adapterChoices(reply);
    expect(plain).toMatchObject({ label: "$(versions) None", path: null });
    expect(mine).toMatchObject({ label: "$(check) mine", path: "/models/mine/adapter.gguf" });
    expect(other?.description).toBe("for the model large");
    expect(browse?.path).toBeUndefined();
    expect(adapterChoices(reply)).toHaveLength(4);
  });

  it("offers the plain model where the server names none", () => {
    expect(adapterChoices(undefined)[0]?.label).toBe("$(check) None");
    expect(adapterChoices(undefined)).toHaveLength(2);
  });

  it("calls an adapter by its model's folder, else by its file", () => {
    expect(adapterName("/models/mine/adapter.gguf")).toBe("mine");
    expect(adapterName("C:\\models\\mine\\adapter.gguf")).toBe("mine");
    expect(adapterName("/home/me/tuned.gguf")).toBe("tuned.gguf");
  });
});
