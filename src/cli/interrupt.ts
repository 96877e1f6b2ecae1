/**
 * A signal that fires when the person leaves: Ctrl-C, a service that stops, a terminal that closes. It fires once; after
 * that the process ends as it would by itself.
 */
export function onInterrupt(): AbortSignal {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const leave = (): void => {
    for (const signal of signals) process.off(signal, leave)
    controller.abort()
  }
  for (const signal of signals) process.on(signal, leave)
  return controller.signal
}
