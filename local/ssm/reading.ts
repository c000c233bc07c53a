import * as z from 'zod';
import { SsmError } from './ssm-error.ts';

/** One page of a list, with the token of the next one. @throws SsmError `InvalidNextToken` */
export function page<T>(all: readonly T[], wanted: { MaxResults: number; NextToken?: string | undefined }) {
  const start = Number(wanted.NextToken ?? 0);
  if (!Number.isSafeInteger(start) || start < 0)
    throw new SsmError('InvalidNextToken', 'The token is not valid.');
  const end = start + wanted.MaxResults;
  return { items: all.slice(start, end), next: end < all.length ? { NextToken: String(end) } : {} };
}

/** Reads the body of a request. @throws SsmError `ValidationException` */
export function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new SsmError('ValidationException', z.prettifyError(parsed.error));
  return parsed.data;
}
