import { isDeepStrictEqual } from 'node:util';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { messageOf, RecordUnavailableError } from '../../core/errors.ts';
import { NEWEST_VERSION } from '../../core/record/stored.ts';
import { ForeignItemError, NewerItemError } from '../errors.ts';
import { isOutage } from '../waiting/outage.ts';
import { broughtUp } from './older.ts';

/** A condition on the item that is there now. */
export interface Condition {
  readonly expression: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** For names that the service keeps for itself. */
  readonly names?: Readonly<Record<string, string>>;
}

/** Nothing is there yet. */
export const ABSENT: Condition = { expression: 'attribute_not_exists(pk)' };

/** Equal as stored: an absent field and an undefined one are the same. */
export const isSame = (a: unknown, b: unknown): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));

/** Items of one table as plain objects: read consistently, parsed, written under a condition unless a caller is the only one that writes. */
export class DynamoDocuments {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /**
   * @throws NewerItemError when a newer version of the service wrote it so that this one must not go on with it
   * @throws ForeignItemError that names the item when it does not have the expected shape
   */
  async get<S extends z.ZodType>(key: Key, schema: S): Promise<z.output<S> | undefined> {
    const { Item } = await this.available(
      this.client.send(
        new GetItemCommand({ TableName: this.table, Key: marshall(key), ConsistentRead: true }),
      ),
    );
    return Item === undefined ? undefined : parse(unmarshall(Item), schema);
  }

  /** All items of a partition whose sort key starts with `prefix`, in the order of their keys. */
  async query<S extends z.ZodType>(pk: string, prefix: string, schema: S): Promise<z.output<S>[]> {
    const items = await this.allPages({
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':prefix': prefix }),
    });
    return items.map((item) => parse(item, schema));
  }

  /** All items of a partition whose sort key lies between two, both included, in the order of their keys. */
  async between<S extends z.ZodType>(
    pk: string,
    [from, to]: readonly [string, string],
    schema: S,
  ): Promise<z.output<S>[]> {
    const items = await this.allPages({
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: marshall({ ':pk': pk, ':from': from, ':to': to }),
    });
    return items.map((item) => parse(item, schema));
  }

  /** Partitions of the items that an index holds under this value, which is also the name of its key. */
  async partitions({ index, value }: { readonly index: string; readonly value: string }): Promise<string[]> {
    const items = await this.allPages({
      IndexName: index,
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': index },
      ExpressionAttributeValues: marshall({ ':value': value }),
    });
    return items.map(({ pk }) => String(pk));
  }

  /**
   * @param condition what has to be there now; left out, whatever is there is replaced
   * @returns false when the condition does not hold; then nothing was written
   */
  async put(item: object, condition?: Condition): Promise<boolean> {
    const Item = marshall(item, { removeUndefinedValues: true });
    return await this.isDone(
      this.client.send(
        new PutItemCommand({ TableName: this.table, Item, ...(condition && input(condition)) }),
      ),
    );
  }

  /**
   * Adds a word to a set of an item, which is made where it is not there: atomic, and harmless when it is done twice. A set
   * that is full takes no more.
   * @param first what the item is made with
   * @param most words that the set takes
   */
  async addToSet(
    key: Key,
    { set, word, most }: { readonly set: string; readonly word: string; readonly most: number },
    first: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const names = Object.keys(first);
    const update = new UpdateItemCommand({
      TableName: this.table,
      Key: marshall(key),
      UpdateExpression: `SET ${names.map((_, n) => `#n${n} = if_not_exists(#n${n}, :v${n})`).join(', ')} ADD #set :one`,
      ConditionExpression: 'attribute_not_exists(#set) OR size(#set) < :most',
      ExpressionAttributeNames: {
        '#set': set,
        ...Object.fromEntries(names.map((name, n) => [`#n${n}`, name])),
      },
      ExpressionAttributeValues: marshall({
        ':one': new Set([word]),
        ':most': most,
        ...Object.fromEntries(names.map((name, n) => [`:v${n}`, first[name]])),
      }),
    });
    await this.isDone(this.client.send(update));
  }

  /** @returns false when the condition does not hold; then nothing was deleted */
  async delete(key: Key, condition: Condition): Promise<boolean> {
    return await this.isDone(
      this.client.send(
        new DeleteItemCommand({ TableName: this.table, Key: marshall(key), ...input(condition) }),
      ),
    );
  }

  private async allPages(query: Omit<QueryCommandInput, 'TableName'>): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const page = new QueryCommand({ TableName: this.table, ...query, ExclusiveStartKey: start });
      const { Items = [], LastEvaluatedKey } = await this.available(this.client.send(page));
      found.push(...Items.map((item) => unmarshall(item)));
      start = LastEvaluatedKey;
    } while (start !== undefined);
    return found;
  }

  private async isDone(write: Promise<unknown>): Promise<boolean> {
    try {
      await this.available(write);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** @throws RecordUnavailableError in place of what says that the table does not answer */
  private async available<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      const why = `The table ${this.table} does not answer (${messageOf(cause)}); it is asked again.`;
      throw new RecordUnavailableError(why, { cause });
    }
  }
}

interface Key {
  readonly pk: string;
  readonly sk: string;
}

function input({ expression, values, names }: Condition) {
  return {
    ConditionExpression: expression,
    ...(names === undefined ? {} : { ExpressionAttributeNames: names }),
    ...(values === undefined ? {} : { ExpressionAttributeValues: marshall(values) }),
  };
}

function parse<S extends z.ZodType>(item: Record<string, unknown>, schema: S): z.output<S> {
  const { version, ...rest } = item;
  const name = `${String(rest['pk'])} ${String(rest['sk'])}`;
  if (typeof version === 'number' && version > NEWEST_VERSION)
    throw new NewerItemError(
      `Stored item ${name} was written by a newer version of the service (record version ${version}, and this one ` +
        `reads up to ${NEWEST_VERSION}), so nothing was changed. Try again when the deployment is over; an incident that was open before it is finished by the newer version.`,
    );
  const parsed = schema.safeParse(broughtUp(item));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ForeignItemError(
    `Stored item ${name} does not have the expected shape at ${issue?.path.join('.')}: ${issue?.message}. It was ` +
      'written by another version of the service; nothing was changed. Try again when the deployment is over.',
    { cause: parsed.error },
  );
}
