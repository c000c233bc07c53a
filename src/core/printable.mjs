// @ts-check

/** Control, format and surrogate characters and the line separators of Unicode: what acts on a reader's screen instead of showing. */
const ACTING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Text in which nothing can act on the terminal or the page that shows it: each such character is spelt out instead, as
 * `\u{1b}`. Line feeds and tabs stay. Plain JavaScript, because the command line needs it before TypeScript can be loaded.
 *
 * @param {string} text
 * @returns {string}
 */
export function printable(text) {
  return text.replaceAll(ACTING, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * A value as indented JSON in which the same characters are escaped, so that it stays the same value.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function printableJson(value) {
  return JSON.stringify(value, null, 2).replaceAll(ACTING, escapedUnits);
}

/** @param {string} character */
function escapedUnits(character) {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}
