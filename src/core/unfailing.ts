type Method = (...args: unknown[]) => unknown;

/**
 * Wraps an observer so that its methods never throw: observing a call must not change it. The methods return nothing.
 *
 * @param onFault receives what a method threw
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

/** Makes a call whose failure must not matter, such as writing a line to the log. */
export function quietly(call: () => void, onFault: (fault: unknown) => void = () => undefined): void {
  try {
    call();
  } catch (fault) {
    try {
      onFault(fault);
    } catch {
      // It cannot be reported anywhere.
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
