/** How long anything may take before a test gives up: the timeout of the tests themselves, less the time to say why. */
const WAIT_MS = 150_000;

/** Often enough for people, and seldom enough not to keep a core busy with looking. */
const POLL_MS = 200;

/** Where news are told of, a look without any is for what they do not tell. */
const POLL_BESIDE_NEWS_MS = 2000;

/** Calls `tell` when what is waited for may have changed; what it returns ends that. */
export type News = (tell: () => void) => () => void;

/**
 * Waits until something is true: looks again when there are news, or now and then where nobody tells of any.
 * @throws with `why` when it does not become true in time
 */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  why: () => string,
  news?: News,
): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  let hasNews = false;
  let look = () => {};
  const forget = news?.(() => {
    hasNews = true;
    look();
  });
  try {
    for (;;) {
      hasNews = false;
      if (await isTrue()) return;
      if (Date.now() > deadline) throw new Error(why());
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, news === undefined ? POLL_MS : POLL_BESIDE_NEWS_MS);
        look = () => {
          clearTimeout(timer);
          resolve();
        };
        // What came while it was looked at may be newer than what was seen.
        if (hasNews) look();
      });
    }
  } finally {
    forget?.();
  }
}
