import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export type Schema = Readonly<Record<string, unknown>>;
export type Content = {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
};
export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
};
export type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Content>> }>
  >;
  readonly security?: readonly Schema[];
};
export type Document = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, Schema>>;
  };
};

export type NamedOperation = { readonly method: string; readonly path: string; readonly operation: Operation };

export const operationsOf = (calls: Document['paths']): NamedOperation[] =>
  Object.entries(calls).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

const REF = '#/components/schemas/';

/** The schema that a reference is to, or what is given. */
export const resolved = ({ components }: Document, schema: Schema): Schema => {
  const { $ref } = schema;
  return typeof $ref === 'string' ? (components.schemas[$ref.slice(REF.length)] ?? {}) : schema;
};

/** What a value has against a schema of the document; empty: nothing. */
export function judgeOf(document: Document): (schema: Schema, value: unknown) => unknown[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'document', components: document.components });
  const judges = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll(`"${REF}`, `"document${REF}`);
    const judge = judges.get(text) ?? ajv.compile(JSON.parse(text) as Schema);
    judges.set(text, judge);
    return judge(value)
      ? []
      : (judge.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  };
}
