/**
 * The same object with some of its members replaced. Everything else is its own, bound to it: clients of the AWS SDK keep
 * private fields, which a call through a proxy does not reach.
 */
export function withMembers<T extends object>(target: T, replaced: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get(own, name) {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name);
      const member: unknown = Reflect.get(own, name);
      return typeof member === 'function' ? member.bind(own) : member;
    },
  });
}
