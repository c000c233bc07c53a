/** What is done at the end of a run, last first. */
export class Ends {
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #onFailure: (why: string) => void;
  #closing: Promise<void> = Promise.resolve();

  /** @param onFailure - told of what could not be ended; the rest is ended all the same */
  constructor(onFailure: (why: string) => void) {
    this.#onFailure = onFailure;
  }

  add(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Whatever is started is closed at the end, also when the end comes while it is still starting. */
  async closing<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    this.add(async () => {
      const started = await starting.catch(() => undefined);
      await started?.close();
    });
    return await starting;
  }

  /** Ends everything that was added so far; who calls while it is ended waits for that, too. */
  close(): Promise<void> {
    this.#closing = this.#closing.then(async () => {
      for (const stop of this.#stops.splice(0).toReversed())
        await stop().catch((error: unknown) => this.#onFailure(`Cleaning up: ${String(error)}`));
    });
    return this.#closing;
  }
}
