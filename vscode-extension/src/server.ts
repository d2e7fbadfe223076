// One run of the server: the language client, its life and its death, told as `Status`.

import { homedir } from "node:os";
import { createInterface } from "node:readline";
import type { LogOutputChannel } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  ShowMessageNotification,
  State,
  type LanguageClientOptions,
} from "vscode-languageclient/node";
import { initializationOptions, type Configuration } from "./configuration";
import { describeFailure, describeSpawnFailure } from "./failure";
import { RestartPolicy } from "./restartPolicy";
import { modelStatus } from "./modelState";
import type { ServerCommand } from "./serverCommand";
import type { Status } from "./status";

const REMEMBERED_LINES = 50;
const MOST_ERRORS = 3;
const ASK_EVERY_MS = 250;
const STOP_WITHIN_MS = 2000;
const LAST_WORDS_MS = 500;

/** A client that leaves it to `Server` to tell the user: one sentence, one button, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export class Server {
  private readonly client: LanguageClient;
  private readonly restartPolicy = new RestartPolicy();
  /** The last lines of standard error, to tell the user why the server died. */
  private errors: string[] = [];
  private errorsEnded: Promise<void> = Promise.resolve();
  private hasRun = false;
  private stopping = false;

  constructor(
    private readonly server: ServerCommand,
    configuration: Configuration,
    private readonly log: LogOutputChannel,
    private readonly report: (status: Status) => void,
  ) {
    const executable = {
      command: server.command,
      args: [...server.args],
      // Not the workspace, and not Python's habit of importing from the working directory.
      options: { cwd: homedir(), env: { ...process.env, PYTHONSAFEPATH: "1" } },
    };
    this.client = new QuietClient("inkling", "Inkling", executable, {
      ...this.clientOptions(),
      initializationOptions: initializationOptions(configuration),
    });
    // Errors that the server shows are those of the model, which `watchModel` tells with a button.
    this.client.onNotification(ShowMessageNotification.type, ({ message }) => {
      log.info(message);
    });
    this.client.onDidChangeState(({ newState }) => {
      this.follow(newState);
    });
  }

  /** Start the server. Failures are reported as a status, not thrown. */
  async start(): Promise<void> {
    this.log.info(
      `starting ${[this.server.command, ...this.server.args].join(" ")} ` +
        `(found by ${this.server.origin})`,
    );
    try {
      await this.client.start();
    } catch (error) {
      if (this.stopping) {
        return;
      }
      this.log.error(String(error));
      await this.lastWords();
      const neverRan = String(error).includes("Launching server");
      this.report(
        neverRan
          ? describeSpawnFailure(error, this.server.command)
          : describeFailure(this.errors, this.server.command),
      );
    }
  }

  /** Stop the server, and make sure that its process is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    const process = this.client.serverProcess;
    try {
      await this.client.dispose(STOP_WITHIN_MS);
    } catch (error) {
      // While it starts, or when it doesn't answer, the client can't stop a server in order.
      this.log.info(`the server is ended: ${String(error)}`);
      process?.kill();
    }
  }

  /** Standard error may lag behind the end of the connection. */
  private async lastWords(): Promise<void> {
    const patience = new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
    await Promise.race([this.errorsEnded, patience]);
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: [{ scheme: "file" }],
      outputChannel: this.log,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (_error, _message, count) => ({
          action: (count ?? 0) <= MOST_ERRORS ? ErrorAction.Continue : ErrorAction.Shutdown,
          handled: true,
        }),
        closed: () => this.afterDeath(),
      },
      stdioOptions: {
        stdout: () => undefined, // the protocol's; the client reads it
        stderr: (stream) => {
          const lines = createInterface({ input: stream });
          this.errors = [];
          this.errorsEnded = new Promise((resolve) => lines.once("close", resolve));
          lines.on("line", (line) => {
            this.errors = [...this.errors.slice(1 - REMEMBERED_LINES), line];
            this.log.info(line);
          });
        },
      },
    };
  }

  private follow(state: State): void {
    if (this.stopping) {
      return;
    }
    if (state === State.Running) {
      this.hasRun = true;
      void this.watchModel();
    } else if (state === State.Starting) {
      this.report({ kind: "starting" });
    }
  }

  /** Ask for the state of the model until it is loaded, or can't be. */
  private async watchModel(): Promise<void> {
    let status: Status = { kind: "starting" };
    while (status.kind === "starting" && this.client.state === State.Running) {
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      const reply: unknown = await this.client.sendRequest("inkling/status").catch(() => ({}));
      status = modelStatus(reply, this.server.command);
    }
    if (this.client.state === State.Running && !this.stopping) {
      this.report(status);
    }
  }

  private async afterDeath(): Promise<{ action: CloseAction; handled: boolean }> {
    if (!this.hasRun || this.stopping) {
      return { action: CloseAction.DoNotRestart, handled: true }; // `start` reports it
    }
    if (this.restartPolicy.mayRestart(Date.now())) {
      this.log.warn("the server died and is started again");
      return { action: CloseAction.Restart, handled: true };
    }
    await this.lastWords();
    this.report(describeFailure(this.errors, this.server.command));
    return { action: CloseAction.DoNotRestart, handled: true };
  }
}
