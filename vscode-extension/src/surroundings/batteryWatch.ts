// Looks now and then whether the machine runs on its battery, while the settings ask for that.

import { onBattery } from "./battery";

const EVERY_MS = 60_000;

export class BatteryWatch {
  private timer: NodeJS.Timeout | undefined;
  /** Whether suggestions are to pause. */
  pauses = false;

  constructor(private readonly changed: () => void) {}

  watch(wanted: boolean): void {
    if (!wanted) {
      this.dispose();
      this.say(false);
    } else if (this.timer === undefined) {
      this.timer = setInterval(() => void this.look(), EVERY_MS);
      void this.look();
    }
  }

  dispose(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    const onIt = await onBattery();
    if (this.timer !== undefined) {
      this.say(onIt);
    }
  }

  private say(pauses: boolean): void {
    if (pauses !== this.pauses) {
      this.pauses = pauses;
      this.changed();
    }
  }
}
