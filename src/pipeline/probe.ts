/**
 * Probe: a synthetic error that goes the whole way of a real one, to the outbox, and is sent to nobody. When none arrives
 * any more, something on the way is broken although nothing says so.
 */

/** Service of the synthetic error; its incident is shown to nobody who does not ask for it. */
export const PROBE_SERVICE = 'cali-probe'

export const isProbe = ({ service }: { readonly service: string }): boolean => service === PROBE_SERVICE

/** The line, as a service would log it. */
export const probeLine = (at: number): string =>
  `${JSON.stringify({
    time: new Date(at).toISOString(),
    level: 'ERROR',
    service: PROBE_SERVICE,
    message: 'synthetic error: the way from a log line to the outbox is open',
    event_id: `cali-probe-${at}`,
  })}\n`
