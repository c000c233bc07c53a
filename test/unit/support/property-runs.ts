/** Mixtures of two hosts' texts that are tried with every run. */
export const TWO_HOSTS_RUNS = 150;

/** Mixtures of pieces that are tried with every run, with one of them added. */
export const MONOTONE_RUNS = { pastes: 400, captures: 150 } as const;
