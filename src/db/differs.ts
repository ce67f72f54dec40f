/** Whether any of `facts` is another value in `standing`; times by what they say. */
export function differs<T extends object>(standing: T, facts: Partial<T>): boolean {
  return Object.entries(facts).some(([key, value]) => comparable(value) !== comparable(Reflect.get(standing, key)));
}

const comparable = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);
