/** Writes one JSON line to the function's log. Never a token, a capture or a body. */
export function log(event: string, details: Readonly<Record<string, string | number>> = {}): void {
  console.log(JSON.stringify({ event, at: new Date().toISOString(), ...details }));
}
