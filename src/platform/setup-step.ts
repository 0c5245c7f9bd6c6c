/** Setup step: one thing that an engine needs before it can work, made only where it is missing. `cali setup` runs them. */
export interface SetupStep {
  /** What it is, for people: "OpenSearch index template cali-logs". */
  readonly name: string
  /** Makes it; with `dryRun` only says what would be made. Safe to repeat. Throws a CaliError that says what to do. */
  run(dryRun: boolean): Promise<SetupOutcome>
}

/** unavailable: this server has no such thing, and CALI works without it; `detail` says how. */
export interface SetupOutcome {
  readonly state: 'created' | 'changed' | 'unchanged' | 'unavailable'
  readonly detail?: string
}
