/** Loopback: which names mean this machine alone, so that one rule decides about tokens and test credentials. */

/** A host name without its port, as in a URL or a configuration: `localhost`, `127.0.0.0/8`, `::1` with or without brackets. */
export const isLoopbackHost = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/.test(host)

/** The endpoint of a service, as a URL; false where none is given, which means the service itself. */
export const isLoopbackEndpoint = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && URL.canParse(endpoint) && isLoopbackHost(new URL(endpoint).hostname)

/** An emulator on this machine takes any credentials; people who try it have none. */
export const EMULATOR_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' } as const
