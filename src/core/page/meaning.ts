/**
 * Why a failure mode matters, out of its runbook: what its section `Meaning` says before the first gap, without the sentences
 * that speak of one node's numbers. Plain text in which code stands between backticks; empty where nothing is left.
 */
export function meaningOf(runbook: string | undefined): string {
  const [, section = ''] = /^## Meaning\n+([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(runbook ?? '') ?? [];
  const [paragraph = ''] = section.trim().split('\n\n');
  return paragraph
    .replace(/^(?:\{\{[?!][\w.-]+\}\})+/, '')
    .split(/(?<=[.)"]) (?=\p{Lu})/u)
    .filter((sentence) => !sentence.includes('{{'))
    .join(' ');
}
