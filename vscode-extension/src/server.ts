// One run of the server: the language client, its life and its death, told as `Status`.

import { homedir } from "node:os";
import { createInterface } from "node:readline";
import type { LogOutputChannel } from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  ShowMessageNotification,
  type DynamicFeature,
  type LanguageClientOptions,
  type Middleware,
  type StaticFeature,
} from "vscode-languageclient/node";
import { describeFailure, describeSpawnFailure, type Failed } from "./failure";
import { modelStatus } from "./modelState";
import type { ServerCommand } from "./serverCommand";
import type { Status } from "./status";

const REMEMBERED_LINES = 50;
const MOST_ERRORS = 3;
const STATUS = "inkling/status";
/** So long does a command wait for a server that starts. */
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 2000;
const LAST_WORDS_MS = 500;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * A client that leaves it to `Server` to tell the user (one sentence, one button, once), and that
 * doesn't make commands of the editor out of the server's.
 */
class QuietClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const isCommands =
      "registrationType" in feature &&
      feature.registrationType.method === ExecuteCommandRequest.method;
    if (!isCommands) {
      super.registerFeature(feature);
    }
  }

  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

export interface Listener {
  /** How things stand while the server lives, or why it couldn't start. */
  report(status: Status): void;
  /** A server that had run has died, and why as far as one knows. */
  died(why: Failed): void;
}

/** Every document that has a text of its own, notebook cells too. */
const DOCUMENTS = [
  { scheme: "file" },
  { scheme: "untitled" },
  { scheme: "vscode-notebook-cell" },
];

export class Server {
  private readonly client: LanguageClient;
  /** The last lines of standard error, to tell the user why the server died. */
  private errors: string[] = [];
  private errorsEnded: Promise<void> = Promise.resolve();
  private starting: Promise<void> = Promise.resolve();
  private hasRun = false;
  /** Stopped or failed; from then on nothing is told any more. */
  private over = false;

  constructor(
    private readonly server: ServerCommand,
    options: Record<string, unknown>,
    private readonly log: LogOutputChannel,
    private readonly listener: Listener,
    middleware: Middleware,
  ) {
    const executable = {
      command: server.command,
      args: [...server.args],
      // Not the workspace, and not Python's habit of importing from the working directory.
      options: { cwd: homedir(), env: { ...process.env, PYTHONSAFEPATH: "1" } },
    };
    this.client = new QuietClient("inkling", "Inkling", executable, {
      ...this.clientOptions(),
      middleware,
      initializationOptions: options,
    });
    this.client.onNotification(STATUS, (status: unknown) => {
      this.told(status);
    });
    // Errors that the server shows are those of the model, which `watchModel` tells with a button.
    this.client.onNotification(ShowMessageNotification.type, ({ message }) => {
      log.info(message);
    });
  }

  /** Start the server. Failures go to the listener; nothing is thrown. */
  start(): Promise<void> {
    this.starting = this.begin();
    return this.starting;
  }

  private async begin(): Promise<void> {
    this.log.info(
      `starting ${[this.server.command, ...this.server.args].join(" ")} ` +
        `(found by ${this.server.origin})`,
    );
    this.listener.report({ kind: "starting" });
    try {
      await this.client.start();
    } catch (error) {
      const neverRan = String(error).includes("Launching server");
      await this.end(neverRan ? describeSpawnFailure(error, this.server.command) : undefined);
      return;
    }
    this.hasRun = true;
    this.told(await this.client.sendRequest<unknown>(STATUS).catch(() => ({})));
  }

  /** Let other settings take effect without a restart. */
  async configure(settings: Record<string, unknown>): Promise<void> {
    if (this.client.isRunning()) {
      await this.client.sendNotification(DidChangeConfigurationNotification.type, { settings });
    }
  }

  /** Run one of the server's commands; undefined if it doesn't answer. */
  async command(name: string, ...parameters: unknown[]): Promise<unknown> {
    await Promise.race([this.starting, pause(START_WITHIN_MS)]);
    if (!this.client.isRunning()) {
      return undefined;
    }
    const request = { command: name, arguments: parameters };
    return this.client
      .sendRequest(ExecuteCommandRequest.type, request)
      .catch((error: unknown) => {
        this.log.warn(`${name}: ${String(error)}`);
      });
  }

  private told(status: unknown): void {
    if (!this.over) {
      this.listener.report(modelStatus(status, this.server.command));
    }
  }

  /** Stop the server, and make sure that its process is gone. */
  async stop(): Promise<void> {
    this.over = true;
    const process = this.client.serverProcess;
    const exited = new Promise((resolve) => process?.once("exit", resolve));
    try {
      await this.client.dispose(STOP_WITHIN_MS);
    } catch (error) {
      // While it starts, or when it doesn't answer, the client can't stop a server in order.
      this.log.info(`the server is ended: ${String(error)}`);
      process?.kill();
    }
    if (process?.exitCode === null && process.signalCode === null) {
      await Promise.race([exited, pause(STOP_WITHIN_MS)]);
      process.kill("SIGKILL"); // does nothing to one that has gone
    }
  }

  /** Standard error may lag behind the end of the connection. */
  private async lastWords(): Promise<void> {
    await Promise.race([this.errorsEnded, pause(LAST_WORDS_MS)]);
  }

  private clientOptions(): LanguageClientOptions {
    return {
      documentSelector: DOCUMENTS,
      outputChannel: this.log,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (_error, _message, count) => {
          if ((count ?? 0) <= MOST_ERRORS) {
            return { action: ErrorAction.Continue, handled: true };
          }
          void this.end();
          return { action: ErrorAction.Shutdown, handled: true };
        },
        closed: () => {
          void this.end();
          return { action: CloseAction.DoNotRestart, handled: true }; // a new `Server` follows
        },
      },
      stdioOptions: {
        stdout: () => undefined, // the protocol's; the client reads it
        stderr: (stream) => {
          if (this.over) {
            // Stopped before there was a process: this is it.
            setImmediate(() => this.client.serverProcess?.kill());
          }
          const lines = createInterface({ input: stream });
          this.errorsEnded = new Promise((resolve) => lines.once("close", resolve));
          lines.on("line", (line) => {
            this.errors = [...this.errors.slice(1 - REMEMBERED_LINES), line];
            this.log.info(line);
          });
        },
      },
    };
  }

  /** The connection is closed, or was never made. Both may be noticed, in any order. */
  private async end(why?: Failed): Promise<void> {
    if (this.over) {
      return;
    }
    this.over = true;
    this.listener.report({ kind: "starting" }); // until it is known what becomes of it
    await this.lastWords();
    const failure = why ?? describeFailure(this.errors, this.server.command, this.hasRun);
    if (this.hasRun) {
      this.listener.died(failure);
    } else {
      this.listener.report(failure);
    }
  }
}
