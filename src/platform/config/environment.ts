/** The one place that reads the environment: everything else is given values. */
export type Environment = Readonly<Record<string, string | undefined>>

export const processEnvironment = (): Environment => process.env
