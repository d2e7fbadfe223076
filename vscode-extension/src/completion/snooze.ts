// Silence for a while: nothing is suggested unasked until a given time. Knows no VS Code.

export const MINUTES = [5, 15, 30, 60] as const;

export class Snooze {
  private until = 0;

  constructor(private readonly now: () => number = Date.now) {}

  start(minutes: number): void {
    this.until = this.now() + minutes * 60_000;
  }

  end(): void {
    this.until = 0;
  }

  /** When it ends (ms since 1970); undefined while nothing is snoozed. */
  get endsAt(): number | undefined {
    return this.now() < this.until ? this.until : undefined;
  }
}
