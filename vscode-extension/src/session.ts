// Everything that lives as long as the window: the server, the status bar, what is suggested and what
// has a source.

import * as vscode from "vscode";
import { badgeOf } from "./attribution/badge";
import { Marks } from "./attribution/marks";
import { References } from "./attribution/references";
import { ReferencesView } from "./attribution/referencesView";
import { SourceDocuments } from "./attribution/sourceDocuments";
import { SourceInSight } from "./attribution/sourceInSight";
import { Completing } from "./completion/completing";
import { isEnabledAnywhere, isEnabledFor } from "./completion/enablement";
import type { Offer } from "./completion/offer";
import { Quiet } from "./completion/quiet";
import { chosenAdapter } from "./models/adapterPicker";
import { readConfiguration, serverOptions, type Configuration } from "./configuration";
import { describeSpawnFailure, notFound, unanswered, type Failed } from "./failure";
import { installedPython, markUsed } from "./installation/environments";
import { environmentsHome } from "./installation/installCommand";
import { isAbsent, PYTHON_SETTING, serverCommand } from "./interpreters";
import { PythonExtension } from "./pythonExtension";
import { ReportPanel } from "./panels/reportPanel";
import { siblingCommand } from "./serverCommand";
import { ServerLife } from "./serverLife";
import { buttonOf, type Status } from "./status";
import { StatusBar } from "./statusBar";
import { hiddenFiles, type Glob } from "./surroundings/hiddenFiles";
import { RestingCursor } from "./surroundings/restingCursor";
import { Ticks } from "./walkthrough";

/** For `when` clauses. */
const READY = "inkling.ready";
const FAILED = "inkling.failed";
const HIDDEN_FILES = "files.exclude";
const OUR_SETTINGS = ["inkling", PYTHON_SETTING, HIDDEN_FILES];

export class Session implements vscode.Disposable {
  readonly statusBar = new StatusBar();
  readonly quiet = new Quiet(this.statusBar, () => this.configuration);
  readonly sourceInSight = new SourceInSight(this.statusBar);
  readonly life: ServerLife;
  readonly sources = new SourceDocuments();
  readonly references = new References();
  readonly explainPanel = new ReportPanel("inkling.explain");
  readonly statisticsPanel = new ReportPanel("inkling.statistics");
  readonly referencesView = new ReferencesView(this.references);
  configuration = currentConfiguration();
  lastLatency: number | undefined;
  private readonly marks: Marks;
  private readonly python = new PythonExtension(() => {
    this.settingsChanged();
  });
  private readonly cursor = new RestingCursor((document, { line, character }) => {
    if (isEnabledFor(document) && this.quiet.reason === undefined) {
      void this.life.run("inkling.warmUp", document.uri.toString(), { line, character });
    }
  });
  private readonly ticks = new Ticks();
  private readonly disposables: vscode.Disposable;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
  ) {
    const completing = new Completing({
      isQuiet: () => this.quiet.reason !== undefined,
      thinking: (pending) => {
        this.statusBar.note({ thinking: pending > 0 });
      },
      answered: (milliseconds, offers, document) => {
        this.answered(milliseconds, offers);
        this.quiet.answered(document, offers.length === 0);
      },
      accepted: (id) => {
        this.sourceInSight.name(undefined);
        void this.life.run("inkling.accept", id);
      },
      acceptedPartly: (id, length) => void this.life.run("inkling.acceptPartially", id, length),
    });
    this.marks = new Marks(
      this.references,
      () => this.configuration.attributionMarks,
      () => {
        this.referencesView.refresh();
      },
    );
    this.life = new ServerLife(
      log,
      {
        provideInlineCompletionItems: (...request) => completing.provide(...request),
        handleDiagnostics: (uri, diagnostics) => {
          this.marks.take(uri, diagnostics);
        },
      },
      (status) => {
        this.show(status);
      },
      () => this.wishes(),
    );
    this.disposables = vscode.Disposable.from(
      this.statusBar,
      this.sources,
      this.explainPanel,
      this.statisticsPanel,
      this.referencesView,
      this.marks,
      this.quiet,
      this.sourceInSight,
      this.cursor,
      this.python,
      this.ticks,
      completing,
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (OUR_SETTINGS.some((setting) => change.affectsConfiguration(setting))) {
          this.settingsChanged();
        }
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.settingsChanged();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.cursor.moved(textEditor);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.life.restart()),
    );
    void this.python.follow();
    this.quiet.configure();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /**
   * A command line of Inkling's, such as `inkling stats`; undefined without a server that could run
   * it, which the user has been told then.
   */
  commandLine(...command: string[]): string[] | undefined {
    const server = this.hasServer() ? (this.life.command ?? this.wishes().command) : undefined;
    return server === undefined ? undefined : siblingCommand(server, ...command);
  }

  /** Whether there is a server's program; if not, the user is told, with what helps. */
  hasServer(): boolean {
    const failure = this.absence();
    if (failure !== undefined) {
      void this.tell(failure);
    }
    return failure === undefined;
  }

  /** The server's answer to a command; undefined without one, which the user has been told then. */
  async ask(command: string, ...parameters: unknown[]): Promise<unknown> {
    if (!this.hasServer()) {
      return undefined;
    }
    const reply = await this.life.run(command, ...parameters);
    if (reply === undefined) {
      void this.tell(unanswered(this.statusBar.status));
    }
    return reply;
  }

  private absence(): Failed | undefined {
    const { status } = this.statusBar;
    if (status.kind === "failed" && status.noServer === true) {
      return status;
    }
    const { command } = this.wishes(); // where Inkling is off, nobody has looked for it yet
    if (command === undefined) {
      return notFound();
    }
    return isAbsent(command.command) ? describeSpawnFailure("ENOENT", command.command) : undefined;
  }

  /** Nothing unasked for so many minutes; 0 ends it. */
  snoozeFor(minutes: number): void {
    if (minutes > 0) {
      this.sourceInSight.name(undefined);
    }
    this.quiet.snoozeFor(minutes);
  }

  redraw(): void {
    this.marks.draw();
  }

  private settingsChanged(): void {
    this.configuration = currentConfiguration();
    this.sourceInSight.name(undefined);
    this.marks.draw();
    this.quiet.configure();
    void this.life.settingsChanged();
  }

  private wishes() {
    this.configuration = currentConfiguration();
    const home = environmentsHome(this.context);
    const command = serverCommand(
      this.configuration,
      installedPython(home),
      this.python.environment,
    );
    if (command?.origin === "installed") {
      markUsed(home);
    }
    return {
      options: serverOptions(
        this.configuration,
        currentHiddenFiles(),
        chosenAdapter(this.context.workspaceState),
      ),
      enabled: isEnabledAnywhere(),
      command,
    };
  }

  private answered(milliseconds: number, offers: readonly Offer[]): void {
    this.lastLatency = milliseconds;
    this.statusBar.note({ latencyMs: milliseconds });
    this.sourceInSight.name(badgeOf(offers));
    if (offers.length > 0) {
      this.ticks.note("suggested", true);
    }
  }

  private show(status: Status): void {
    const before = this.statusBar.status;
    this.statusBar.show(status);
    if (status.kind !== "ready") {
      this.quiet.forget();
    }
    void vscode.commands.executeCommand("setContext", READY, status.kind === "ready");
    this.ticks.note("ready", status.kind === "ready");
    void vscode.commands.executeCommand("setContext", FAILED, status.kind === "failed");
    const isNews = JSON.stringify(before) !== JSON.stringify(status);
    if (status.kind === "failed" && isNews) {
      this.log.error(status.reason);
      void this.tell(status);
    }
  }

  private async tell(status: Failed): Promise<void> {
    const { title, command } = buttonOf(status.remedy);
    if ((await vscode.window.showErrorMessage(status.reason, title)) === title) {
      await vscode.commands.executeCommand(`inkling.${command}`, status.about);
    }
  }
}

function currentConfiguration(): Configuration {
  const settings = vscode.workspace.getConfiguration("inkling");
  return readConfiguration((key) => settings.get(key));
}

function currentHiddenFiles(): Glob[] {
  return (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) =>
    hiddenFiles(vscode.workspace.getConfiguration(undefined, uri).get(HIDDEN_FILES), uri.toString()),
  );
}
