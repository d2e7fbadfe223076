// What the status bar says, and which buttons go with it. Knows no VS Code.

export type Command = "restart" | "showLog" | "toggle" | "openSettings";

export type Status =
  | { readonly kind: "starting" }
  | { readonly kind: "ready"; readonly server: string; readonly model?: string }
  | { readonly kind: "off" }
  | { readonly kind: "failed"; readonly reason: string; readonly remedy: Command };

export interface Button {
  readonly title: string;
  readonly command: Command;
}

export interface StatusText {
  /** Text of the item, with a VS Code icon. */
  readonly text: string;
  readonly tooltip: string;
  /** What a screen reader says. */
  readonly label: string;
  readonly warning: boolean;
  readonly buttons: readonly Button[];
}

const TITLES: Record<Command, string> = {
  restart: "Restart Server",
  showLog: "Show Log",
  toggle: "Enable",
  openSettings: "Open Settings",
};

function button(command: Command): Button {
  return { title: TITLES[command], command };
}

export function describeStatus(status: Status): StatusText {
  switch (status.kind) {
    case "starting":
      return plain("$(loading~spin) Inkling", "Inkling is starting.", [button("showLog")]);
    case "ready":
      return plain(
        "$(edit) Inkling",
        status.model === undefined
          ? `Inkling is ready (${status.server}).`
          : `Inkling is ready with the model ${status.model} (${status.server}).`,
        [{ title: "Disable", command: "toggle" }, button("showLog")],
      );
    case "off":
      return plain("$(circle-slash) Inkling", "Inkling is off.", [button("toggle")]);
    case "failed":
      return {
        ...plain("$(warning) Inkling", status.reason, [button(status.remedy)]),
        warning: true,
      };
  }
}

function plain(text: string, tooltip: string, buttons: readonly Button[]): StatusText {
  return { text, tooltip, label: tooltip, warning: false, buttons };
}
