// Whether a server that died is started again: a few times, then no more, so that one that can't
// live doesn't burn the machine. Knows no VS Code.

const MOST_RESTARTS = 4;
const WITHIN_MS = 3 * 60 * 1000;

export class RestartPolicy {
  private deaths: number[] = [];

  /** Note a death at `now` (in ms) and say whether to start the server again. */
  mayRestart(now: number): boolean {
    this.deaths = [...this.deaths.filter((at) => now - at < WITHIN_MS), now];
    return this.deaths.length <= MOST_RESTARTS;
  }
}
