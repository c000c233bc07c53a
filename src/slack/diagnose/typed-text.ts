/**
 * The text of a message as it was typed: Slack writes three characters as entities, and makes links of what looks like one
 * (docs.slack.dev, formatting message text).
 */
export function typedText(text: string): string {
  return text
    .replaceAll(/<(?:https?|mailto|tel):[^|>\n]{0,2000}\|([^>\n]{0,2000})>/g, '$1')
    .replaceAll(/<(?:mailto:|tel:)?((?:https?:\/\/)?[^|>@#!\s][^|>\s]{0,2000})>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
