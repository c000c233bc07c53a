/**
 * A recorded output of medic-trace as if it had just been printed: every section has the nonce of this run.
 *
 * @param nonce of the run
 */
export function replayTrace(recorded: string, nonce: string): string {
  const own = /^=== medic\/1 ([a-z0-9]{16}) trace - ok /.exec(recorded)?.[1];
  if (own === undefined) throw new Error('This is no recorded output of medic-trace.');
  return recorded.replaceAll(`=== medic/1 ${own} `, `=== medic/1 ${nonce} `);
}
