import { describe, expect, it } from "vitest";
import { describeFailure, describeSpawnFailure, notFound } from "../src/failure";
import { Silences, UNKNOWN_LANGUAGE } from "../src/completion/silence";
import { menuEntries } from "../src/menu";
import { RestartPolicy } from "../src/restartPolicy";
import { buttonOf, describeStatus, IDLE, type Status } from "../src/status";

const READY: Status = { kind: "ready", server: "/usr/bin/inkling", model: "starter" };
const ALL: Status[] = [{ kind: "starting" }, READY, { kind: "off" }, notFound()];

describe("the status bar", () => {
  it.each(ALL)("says one sentence: $kind", (status) => {
    const { tooltip, label } = describeStatus(status);
    expect(tooltip).toMatch(/^[A-Z].*\.$/);
    expect(label).toBe(tooltip);
  });

  it("looks different in every state", () => {
    expect(new Set(ALL.map((status) => describeStatus(status).text)).size).toBe(ALL.length);
  });

  it("warns of a failure only, whose button helps", () => {
    expect(ALL.filter((status) => describeStatus(status).warning)).toEqual([notFound()]);
    expect(buttonOf(notFound().remedy)).toEqual({ title: "Install Inkling", command: "install" });
  });

  it("says which server is ready, with which model, and how long its answer took", () => {
    const { text, tooltip } = describeStatus(READY, { ...IDLE, latencyMs: 41.7 });
    expect(text).toContain("starter 42 ms");
    expect(tooltip).toContain("/usr/bin/inkling");
  });

  it("tells a source before all else, then the thinking, then a pause", () => {
    const badge = { text: "requests · MIT", sentence: "It has a source: requests, api.py:3." };
    const activity = { thinking: true, paused: "Inkling is snoozed.", badge };
    expect(describeStatus(READY, activity).text).toContain("requests · MIT");
    expect(describeStatus(READY, activity).tooltip).toBe(badge.sentence);
    expect(describeStatus(READY, { ...activity, badge: undefined }).tooltip).toContain("thinking");
    expect(describeStatus(READY, { thinking: false, paused: activity.paused }).tooltip).toBe(
      activity.paused,
    );
  });
});

const ENABLED = {
  enabled: true,
  enabledForLanguage: true,
  enabledForFolder: true,
  snoozed: false,
};

describe("a file in which nothing is suggested", () => {
  const unknown = { code: UNKNOWN_LANGUAGE, reason: "the model was not trained on c" };
  const secret = { code: "secret-file", reason: "files of this name hold secrets" };

  it("doesn't look ready, and says why", () => {
    const { text, tooltip, button } = describeStatus(READY, { ...IDLE, silence: secret });
    expect(text).not.toBe(describeStatus(READY).text);
    expect(tooltip).toBe("Inkling suggests nothing in this file: files of this name hold secrets.");
    expect(button).toBeUndefined();
  });

  it("offers another model where that would help, in the tooltip and in the menu", () => {
    expect(describeStatus(READY, { ...IDLE, silence: unknown }).button).toEqual({
      title: "Choose a Model",
      command: "chooseModel",
    });
    const here = { ...ENABLED, canRollBack: false };
    const [first] = menuEntries({ ...here, status: READY, silence: unknown });
    expect(first).toMatchObject({ description: unknown.reason, command: "chooseModel" });
    const [other] = menuEntries({ ...here, status: READY, silence: secret });
    expect(other).toMatchObject({ description: secret.reason, command: "explainLast" });
  });

  it("leaves the way back to the model before in the menu, where there is one", () => {
    const here = { ...ENABLED, status: READY };
    const hasWayBack = (canRollBack: boolean) =>
      menuEntries({ ...here, canRollBack }).some(({ command }) => command === "rollBackModel");
    expect([hasWayBack(true), hasWayBack(false)]).toEqual([true, false]);
  });

  it.each([
    // The rule, whether some folder or language is on at all, what the menu offers.
    [true, READY, [["Disable", false]]],
    [false, { kind: "off" } as const, [["Enable", true]]],
    [false, READY, [["Enable", true], ["Disable", false]]],
  ])("offers to turn on and off what is not so yet (rule %s)", (enabled, status, offered) => {
    const entries = menuEntries({ ...ENABLED, canRollBack: false, enabled, status });
    const toggles = entries.filter(({ command }) => command === "toggle");
    expect(toggles.map(({ label, about }) => [label.replace(/^\S+ /, ""), about])).toEqual(offered);
  });

  it("is remembered by its name until another answer comes, or another model", () => {
    const silences = new Silences();
    silences.note("file:///a.c", unknown);
    silences.note("file:///b.c", unknown);
    expect(silences.of("file:///a.c")).toBe(unknown);
    expect(silences.of("file:///a.py")).toBeUndefined();
    silences.note("file:///a.c", undefined);
    expect(silences.of("file:///a.c")).toBeUndefined();
    silences.clear();
    expect(silences.of("file:///b.c")).toBeUndefined();
  });
});

describe("the reason of a failure", () => {
  it("is the server's own sentence where it gave one", () => {
    const errors = [
      "a warning",
      "error: There is no model at m.gguf.",
      "  Name a GGUF file or a folder that holds bundle.json.",
    ];
    expect(describeFailure(errors, "/usr/bin/inkling")).toEqual({
      kind: "failed",
      reason: "There is no model at m.gguf: name a GGUF file or a folder that holds bundle.json.",
      remedy: "openSettings",
      about: "inkling.model",
      noServer: true,
    });
  });

  it.each([
    ["The configuration file /h/c.toml has an unknown key 'x'.", "openFile", "/h/c.toml"],
    ["In /h/c.toml, 'threads' is -1.", "openFile", "/h/c.toml"],
    ["This command needs the Python package 'numpy', which is not installed.", "showLog", undefined],
    ["The address 127.0.0.1:1 can't be listened on: in use.", "showLog", undefined],
  ])("has the button for what it is about: %s", (cause, remedy, about) => {
    const failed = describeFailure([`error: ${cause}`, "  Do it right."], "inkling");
    expect(failed.reason).toMatch(/[:;] do it right\.$/);
    expect([failed.remedy, failed.about]).toEqual([remedy, about]);
  });

  it("doesn't keep from other commands where the server had run", () => {
    expect(describeFailure([], "inkling", true).noServer).toBeUndefined();
    expect(describeFailure([], "inkling").noServer).toBe(true);
  });

  it("points to the log where the server said nothing for users", () => {
    const failed = describeFailure(["Traceback (most recent call last):"], "/usr/bin/inkling");
    expect(failed.reason).toBe("The server '/usr/bin/inkling' ended; its log says why.");
    expect(failed.remedy).toBe("showLog");
  });

  it("names a program that does not exist", () => {
    const error = "Launching server using command /no failed. Error: spawn /no ENOENT";
    expect(describeSpawnFailure(error, "/no").reason).toBe(
      "The server program '/no' does not exist: correct it in the settings.",
    );
    expect(describeSpawnFailure(error, "/no").about).toBe("inkling.server.command");
  });

  it("names a program that may not be run", () => {
    expect(describeSpawnFailure("Error: spawn /etc/passwd EACCES", "/etc/passwd").reason).toContain(
      "can't be run (EACCES)",
    );
  });
});

describe("a server that dies", () => {
  it("is started again four times in three minutes, not five", () => {
    const policy = new RestartPolicy();
    expect([0, 1, 2, 3, 4].map((second) => policy.mayRestart(second * 1000))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it("is started again however often it dies, when that is seldom", () => {
    const policy = new RestartPolicy();
    const minute = 60_000;
    for (let death = 0; death < 20; death++) {
      expect(policy.mayRestart(death * minute)).toBe(true);
    }
  });
});
