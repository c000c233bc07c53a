import * as z from 'zod';

/** A text object of Block Kit. */
export const Text = z.looseObject({ type: z.string(), text: z.string() });

/** What Slack would refuse, one sentence each. */
export class Violations {
  readonly sentences: string[] = [];

  add(sentence: string): void {
    this.sentences.push(sentence);
  }

  atMost(what: string, amount: number, limit: number): void {
    if (amount > limit) this.add(`Too many ${what}: ${amount}, the limit is ${limit}.`);
  }

  string(what: string, value: unknown, limit: number): void {
    if (typeof value !== 'string' || value.length === 0) this.add(`The ${what} is missing or empty.`);
    else if (value.length > limit)
      this.add(`The ${what} has ${value.length} characters, the limit is ${limit}.`);
  }

  text(what: string, value: unknown, limit: number, type?: 'plain_text'): void {
    const parsed = Text.safeParse(value);
    if (!parsed.success) this.add(`The ${what} is no text object.`);
    else if (type !== undefined && parsed.data.type !== type) this.add(`The ${what} must be ${type}.`);
    else if (parsed.data.type !== 'plain_text' && parsed.data.type !== 'mrkdwn')
      this.add(`The ${what} has an unknown type.`);
    else this.string(what, parsed.data.text, limit);
  }

  list(what: string, value: unknown, limit: number): readonly unknown[] {
    if (!Array.isArray(value) || value.length === 0) {
      this.add(`The ${what} are missing or empty.`);
      return [];
    }
    this.atMost(what, value.length, limit);
    return value;
  }
}
