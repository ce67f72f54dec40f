import type { operations } from './generated/openapi.js';

export type OperationId = keyof operations;

/** One call as the document has it; `query` names what of an input belongs there. */
export type Operation = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: readonly string[];
};

type PathOf<It> = It extends { parameters: { path: infer Path } } ? Path : unknown;
type QueryOf<It> = It extends { parameters: { query?: infer Query } }
  ? Query extends object
    ? Query
    : unknown
  : unknown;
type BodyOf<It> = It extends { requestBody?: { content: { 'application/json': infer Body } } } ? Body : unknown;
type Plain<T> = T extends object ? { [Key in keyof T]: T[Key] } : T;

/** All that a call takes, whether it travels in the path, the query or the body. */
export type InputOf<Id extends OperationId> = Plain<
  PathOf<operations[Id]> & QueryOf<operations[Id]> & BodyOf<operations[Id]>
>;

type ContentOf<Answer> = Answer extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends OperationId> = operations[Id]['responses'];

/** What a call is answered with, when it is done as asked. */
export type AnswerOf<Id extends OperationId> = {
  [Status in keyof Responses<Id>]: Status extends 200 | 201 | 202 ? ContentOf<Responses<Id>[Status]> : never;
}[keyof Responses<Id>];

/** Where a call goes, and what it carries. */
export function targetOf(baseUrl: string, { method, path, query }: Operation, input: object) {
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const take = (name: string): string => {
    const value = rest.get(name);
    rest.delete(name);
    return String(value);
  };
  const named = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(take(name)));
  const asked = new URLSearchParams();
  for (const name of query.filter((it) => rest.has(it))) asked.set(name, take(name));
  const search = asked.toString();
  const url = `${baseUrl.replace(/\/+$/, '')}${named}${search === '' ? '' : `?${search}`}`;
  const hasBody = method !== 'GET' && rest.size > 0;
  return { url, body: hasBody ? JSON.stringify(Object.fromEntries(rest)) : undefined };
}
