import { z } from 'zod';
import { parameterError, type Answer } from './call.js';

type Parsed<T> = { ok: true; value: T } | { ok: false; answer: Answer };

/** The body as JSON of the given shape, or the PARAM_ERROR that names the first wrong field. */
export function parseBody<T>(body: string, schema: z.ZodType<T>): Parsed<T> {
  const json = parseJson(body);
  if (!json)
    return { ok: false, answer: parameterError('请求体不是合法的JSON', { issue: 'invalid JSON', location: 'body' }) };
  const result = schema.safeParse(json.value);
  return result.success
    ? { ok: true, value: result.data }
    : { ok: false, answer: fieldError(json.value, result.error) };
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A top-level string of the body, which need not be valid otherwise. */
export function bodyField(body: string, name: string): string | undefined {
  const value = parseJson(body)?.value;
  if (typeof value !== 'object' || value === null) return undefined;
  const field: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof field === 'string' ? field : undefined;
}

const extraParameter = 270924358;

function fieldError(json: unknown, error: z.ZodError): Answer {
  const issue = error.issues[0];
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(extra === undefined ? [] : [extra])];
  const field = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const problem = extra === undefined ? (issue?.message ?? '不合法') : '不支持的参数';
  const value = valueAt(json, path);
  return parameterError(
    `输入源“/body${field}”映射到值字段校验失败，${problem}`,
    { field, ...(value === undefined ? {} : { value }), issue: issue?.code ?? 'invalid', location: 'body' },
    extra === undefined ? undefined : extraParameter,
  );
}

function valueAt(json: unknown, path: PropertyKey[]): unknown {
  let value = json;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === String(step))?.[1];
  }
  return value;
}

export const fen = z.int().min(1);
