import type { Quarantined } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Clock } from '../language/time'
import { LogText } from '../log-text/log-text'

/** What could not be read is kept as it came, and shown here. */
export function Quarantine({ records }: { records: readonly Quarantined[] }) {
  const { t, format } = useLanguage()
  return (
    <section className="section" id="quarantine" aria-labelledby="quarantine-title">
      <h2 id="quarantine-title">{t.pipeline.quarantine}</h2>
      {records.length === 0 ? (
        <p className="faint">{t.pipeline.quarantineNone}</p>
      ) : (
        <>
          <p className="muted">{t.pipeline.quarantineLead}</p>
          <ul className="quarantine">
            {records.map((record) => (
              <li key={record.id}>
                <p className="quarantine-head num">
                  <Clock at={record.at} />
                  <span className="mono">{record.reason}</span>
                  <span className="faint">{format.bytes(record.bytes)}</span>
                  <span className="faint mono truncate" title={record.position}>
                    {record.position}
                  </span>
                </p>
                <p className="muted">
                  <LogText text={record.detail} />
                </p>
                <pre className="quarantine-preview">
                  <LogText text={record.preview} />
                </pre>
                <p className="faint mono truncate" title={record.objectKey}>
                  {record.objectKey}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
