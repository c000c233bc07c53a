/** Holds whoever passes it until it is opened: a test decides when something goes on, instead of guessing how long it takes. */
export class Gate {
  readonly passed: Promise<void>;
  /** Lets everybody through, also who comes later. */
  open: () => void = () => {};

  constructor() {
    this.passed = new Promise((resolve) => {
      this.open = resolve;
    });
  }
}
