// The server's life: started where it is wanted, told of changed settings, started again when it
// dies, stopped where nothing is to be suggested. Two servers never run at once.

import type { LogOutputChannel } from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { notFound, type Failed } from "./failure";
import { RestartPolicy } from "./restartPolicy";
import { Server } from "./server";
import type { ServerCommand } from "./serverCommand";
import type { Status } from "./status";

export interface Wishes {
  /** What the server is told of the settings. */
  readonly options: Record<string, unknown>;
  readonly enabled: boolean;
  /** The program to start; undefined if there is none. */
  readonly command: ServerCommand | undefined;
}

export class ServerLife {
  private server: Server | undefined;
  private wishes: Wishes | undefined;
  private restartPolicy = new RestartPolicy();
  /** Starts and stops follow one another. */
  private queue: Promise<void> = Promise.resolve();
  private isQueued = false;

  constructor(
    private readonly log: LogOutputChannel,
    private readonly middleware: Middleware,
    private readonly show: (status: Status) => void,
    private readonly look: () => Wishes,
  ) {}

  /** The program that runs, or would. */
  get command(): ServerCommand | undefined {
    return this.wishes?.command;
  }

  /** Settings have changed: restart only if the running server can't take them over. */
  async settingsChanged(): Promise<void> {
    const before = this.wishes;
    const now = this.look();
    const lives = this.server !== undefined && before?.enabled === true && now.enabled;
    if (!lives || !same(before.command, now.command)) {
      return this.restart();
    }
    this.wishes = now;
    if (!same(before.options, now.options)) {
      await this.server?.configure(now.options);
    }
  }

  /** What the user asks for starts with a clean record. */
  restartAfresh(): Promise<void> {
    this.restartPolicy = new RestartPolicy();
    return this.restart();
  }

  restart(): Promise<void> {
    if (this.isQueued) {
      return this.queue; // settings change in bursts
    }
    this.isQueued = true;
    this.queue = this.queue.then(async () => {
      this.isQueued = false;
      await this.server?.stop();
      this.server = undefined;
      this.start();
    });
    return this.queue;
  }

  /** Stop for good: the window closes. */
  stop(): Promise<void> {
    this.queue = this.queue.then(() => this.server?.stop());
    return this.queue;
  }

  /** Run one of the server's commands, once a restart is over; undefined if it doesn't answer. */
  async run(command: string, ...parameters: unknown[]): Promise<unknown> {
    await this.queue;
    return this.server?.command(command, ...parameters);
  }

  private start(): void {
    const wishes = this.look();
    this.wishes = wishes;
    if (!wishes.enabled) {
      this.show({ kind: "off" });
    } else if (wishes.command === undefined) {
      this.show(notFound());
    } else {
      const server = new Server(
        wishes.command,
        wishes.options,
        this.log,
        {
          report: this.show,
          died: (why) => {
            this.afterDeath(why);
          },
        },
        this.middleware,
      );
      this.server = server;
      // Not awaited: one that hangs while it starts must not keep the next from taking its place.
      void server.start();
    }
  }

  private afterDeath(why: Failed): void {
    if (this.restartPolicy.mayRestart(Date.now())) {
      this.log.warn("the server died and is started again");
      void this.restart();
    } else {
      this.server = undefined;
      this.show(why);
    }
  }
}

function same(before: unknown, now: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(now);
}
