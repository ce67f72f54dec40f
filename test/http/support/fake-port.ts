/** A port of ours, answered by the test; its calls are kept. */
export type FakePort<Port> = Port & {
  readonly calls: { readonly name: keyof Port; readonly request: unknown }[];
  /** Answers in place of the usual ones, until the next test. */
  answers: Partial<Port>;
  callsOf(name: keyof Port): unknown[];
};

export function fakePort<Port extends object>(usual: Port): FakePort<Port> {
  const names = Object.keys(usual) as (keyof Port)[];
  const methods = names.map((name) => {
    const method = (request: unknown): unknown => {
      fake.calls.push({ name, request });
      return ((fake.answers[name] ?? usual[name]) as (request: unknown) => unknown)(request);
    };
    return [name, method] as const;
  });
  const fake = {
    ...(Object.fromEntries(methods) as Port),
    calls: [],
    answers: {},
    callsOf: (name: keyof Port) => fake.calls.filter((call) => call.name === name).map((call) => call.request),
  } as FakePort<Port>;
  return fake;
}
