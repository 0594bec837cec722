/**
 * Policies are pure functions of a frozen moment (I4). While one runs, the guard is up: the clock, chance, timers,
 * `crypto`, `process` and the network, as an app's modules see them, throw POLICY_IMPURE. The loader puts these
 * shadows in scope of every module of the app, so a reference kept at load time (`const now = Date.now`) is caught too.
 *
 * Owns: the shadows and the guard. Does not own: libraries an app imports; those are caught by evaluating a sample twice.
 *
 * P1 While the guard is up, no shadow gives a value; while it is down, every shadow is the real thing.
 */
import { BattutaError } from '../base/index.ts'

let guarding: string | null = null

/** Runs `work` with the guard up; `what` names who would be to blame. Synchronous by nature. */
export function purely<T>(what: string, work: () => T): T {
  const outer = guarding
  guarding = what
  try {
    return work()
  } finally {
    guarding = outer
  }
}

function refuse(name: string, mend: string): void {
  if (guarding !== null) throw new BattutaError('POLICY_IMPURE', `${guarding} called ${name}: ${mend}`)
}

const useNow = 'use `now` of the moment, so that the decision can be replayed'
const useRandom = 'use `random()` of the moment, which is seeded by the decision'
const useEffects = 'a policy only decides; what it starts are outcomes'

function guardedFunction<F extends (...args: never[]) => unknown>(name: string, mend: string, real: F): F {
  return ((...args: never[]) => {
    refuse(name, mend)
    return real(...args)
  }) as F
}

function guardedObject<T extends object>(name: string, mend: string, real: T): T {
  return new Proxy(real, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') {
        refuse(`${name}.${String(key)}`, mend)
        return value
      }
      return guardedFunction(`${name}.${String(key)}`, mend, value.bind(target) as () => unknown)
    },
  })
}

/** `Date` that reads the clock only when the guard is down. Parsing and arithmetic stay allowed. */
const GuardedDate = new Proxy(Date, {
  construct(target, args: unknown[], newTarget) {
    if (args.length === 0) refuse('new Date', useNow)
    return Reflect.construct(target, args, newTarget) as object
  },
  apply(target) {
    refuse('Date', useNow)
    return Reflect.apply<undefined, [], string>(target as () => string, undefined, [])
  },
  get(target, key, receiver) {
    if (key === 'now') return guardedFunction('Date.now', useNow, () => target.now())
    return Reflect.get(target, key, receiver) as unknown
  },
})

/** What the loader puts into the scope of an app's modules, by name. */
export const shadows: Readonly<Record<string, unknown>> = Object.freeze({
  Date: GuardedDate,
  Math: Object.create(Math, { random: { value: guardedFunction('Math.random', useRandom, Math.random) } }) as Math,
  performance: guardedObject('performance', useNow, performance),
  crypto: guardedObject('crypto', useRandom, crypto),
  process: guardedObject('process', 'a policy may not read its environment', process),
  fetch: guardedFunction('fetch', useEffects, (...args: Parameters<typeof fetch>) => fetch(...args)),
  setTimeout: guardedFunction('setTimeout', useEffects, setTimeout as never),
  setInterval: guardedFunction('setInterval', useEffects, setInterval as never),
  setImmediate: guardedFunction('setImmediate', useEffects, setImmediate as never),
  queueMicrotask: guardedFunction('queueMicrotask', useEffects, queueMicrotask as never),
  WebSocket: new Proxy(WebSocket, {
    construct(target, args: unknown[]) {
      refuse('new WebSocket', useEffects)
      return Reflect.construct(target, args) as object
    },
  }),
})

const shadowsSymbol = Symbol.for('battuta.shadows')
Object.defineProperty(globalThis, shadowsSymbol, { value: shadows, configurable: true })

/**
 * The line that puts the shadows in scope: names the module declares or imports itself are left out, and so is
 * `globalThis`, through which a policy that means to cheat still can (the twice-evaluated sample is there for that).
 */
export function shadowLine(source: string): string {
  const names = Object.keys(shadows).filter((name) => !new RegExp(`\\b(?:const|let|var|function|class|import|as)\\s+(?:\\{[^}]*\\b)?${name}\\b`).test(source))
  return `const { ${names.join(', ')} } = globalThis[Symbol.for('battuta.shadows')];`
}
