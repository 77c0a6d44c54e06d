type Method = (...args: unknown[]) => unknown;

/**
 * An observer none of whose methods throws: what watches a call must never change the call. Its methods return nothing.
 *
 * @param onFault is called with what a method threw
 */
export function unfailing<Observer extends object>(
  observer: Observer,
  onFault: (fault: unknown, method: string) => void = () => undefined,
): Observer {
  const guarded: Observer = Object.create(observer);
  for (const name of methodsOf(observer)) {
    const method = (observer as Record<string, unknown>)[name] as Method;
    const value = (...args: unknown[]) => {
      quietly(
        () => method.apply(observer, args),
        (fault) => onFault(fault, name),
      );
    };
    Object.defineProperty(guarded, name, { value });
  }
  return guarded;
}

/** Makes a call that nobody's answer may depend on, such as a line in the log. */
export function quietly(call: () => void, onFault: (fault: unknown) => void = () => undefined): void {
  try {
    call();
  } catch (fault) {
    try {
      onFault(fault);
    } catch {
      // There is nobody left to report it to.
    }
  }
}

function methodsOf(observer: object): string[] {
  const names = new Set<string>();
  for (let each = observer; each !== Object.prototype && each !== null; each = Object.getPrototypeOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}
