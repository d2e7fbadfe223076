// Between the editor's request for ghost text and the server's answer: asks only where that is
// wanted, tells how it goes, and follows what becomes of the answer.

import * as vscode from "vscode";
import type { Middleware } from "vscode-languageclient/node";
import { restAfter, type Shown } from "./acceptance";
import { isEnabledFor } from "./enablement";
import { readOffer, type Offer } from "./offer";

/** The editor runs it when a suggestion was taken as a whole. */
export const ACCEPTED = "inkling.suggestionAccepted";

export interface Surroundings {
  /** Whether nothing is to be suggested unasked just now. */
  isQuiet(): boolean;
  /** A request is on its way, or the last one has come back. */
  thinking(pending: number): void;
  /** An answer came after so many milliseconds, with the suggestions that there are. */
  answered(milliseconds: number, offers: readonly Offer[], document: vscode.TextDocument): void;
  accepted(id: string): void;
  /** So many UTF-16 code units of it were taken, in all. */
  acceptedPartly(id: string, length: number): void;
}

type Next = Parameters<NonNullable<Middleware["provideInlineCompletionItems"]>>[4];
type Result = vscode.InlineCompletionItem[] | vscode.InlineCompletionList | null | undefined;

export class Completing implements vscode.Disposable {
  private pending = 0;
  private shown: Shown[] = [];
  /** What is left if the edit took a part: known once the cursor has moved. */
  private rest: Shown | undefined;
  private readonly disposables: vscode.Disposable;

  constructor(private readonly around: Surroundings) {
    this.disposables = vscode.Disposable.from(
      vscode.commands.registerCommand(ACCEPTED, (id: unknown) => {
        if (typeof id === "string") {
          this.shown = [];
          around.accepted(id);
        }
      }),
      vscode.workspace.onDidChangeTextDocument((event) => {
        this.edited(event);
      }),
      vscode.window.onDidChangeTextEditorSelection((event) => {
        this.moved(event);
      }),
    );
  }

  dispose(): void {
    this.disposables.dispose();
  }

  /** The language client's middleware. */
  async provide(
    document: vscode.TextDocument,
    position: vscode.Position,
    context: vscode.InlineCompletionContext,
    token: vscode.CancellationToken,
    next: Next,
  ): Promise<Result> {
    const unasked = context.triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
    if (!isEnabledFor(document) || (unasked && this.around.isQuiet())) {
      return null;
    }
    const started = performance.now();
    this.around.thinking(++this.pending);
    try {
      const result = await next(document, position, context, token);
      if (token.isCancellationRequested) {
        return result;
      }
      const offers = this.remember(document, position, result);
      this.around.answered(performance.now() - started, offers, document);
      return result;
    } finally {
      this.around.thinking(--this.pending);
    }
  }

  /** Keep what was answered, and let the editor tell us rather than the server what was taken. */
  private remember(
    document: vscode.TextDocument,
    position: vscode.Position,
    result: Result,
  ): Offer[] {
    this.shown = [];
    const offers: Offer[] = [];
    for (const item of Array.isArray(result) ? result : (result?.items ?? [])) {
      const offer = readOffer(item.command?.arguments);
      if (offer === undefined || typeof item.insertText !== "string") {
        continue;
      }
      offers.push(offer);
      item.command = { title: "", command: ACCEPTED, arguments: [offer.id] };
      this.shown.push({
        uri: document.uri.toString(),
        offset: document.offsetAt(item.range?.start ?? position),
        text: item.insertText,
        id: offer.id,
      });
    }
    return offers;
  }

  private edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const [change] = contentChanges;
    if (change === undefined) {
      return; // only the file's state has changed
    }
    const { rangeOffset: offset, rangeLength: replaced, text } = change;
    const edit = { uri: document.uri.toString(), offset, replaced, text };
    const rests = this.shown.flatMap((shown) => restAfter(edit, shown) ?? []);
    this.rest = contentChanges.length === 1 ? rests[0] : undefined;
  }

  /** Typing moves the cursor by the keyboard, taking a part of a suggestion doesn't. */
  private moved({ textEditor, kind }: vscode.TextEditorSelectionChangeEvent): void {
    const { rest } = this;
    if (rest?.taken === undefined || textEditor.document.uri.toString() !== rest.uri) {
      return;
    }
    this.rest = undefined;
    if (kind !== vscode.TextEditorSelectionChangeKind.Keyboard) {
      this.shown = [rest];
      this.around.acceptedPartly(rest.id, rest.taken);
    }
  }
}
