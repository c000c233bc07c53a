/**
 * The same lookups, of which `onError` is told what one throws: who asks them goes on without what could not be looked up.
 */
export function watched<T extends object>(lookups: T, onError: (error: unknown) => void): T {
  return new Proxy(lookups, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member === 'function')
        return async (...args: readonly unknown[]) => {
          try {
            return await Reflect.apply(member, target, args);
          } catch (error) {
            onError(error);
            throw error;
          }
        };
      return typeof member === 'object' && member !== null ? watched(member, onError) : member;
    },
  });
}
