import type { Source } from '../api/nouns'
import { useLanguage } from '../language/language'
import { Ago } from '../language/time'
import { TableScroll } from '../shell/table-scroll'

export function Sources({ sources }: { sources: readonly Source[] }) {
  const { t, format } = useLanguage()
  return (
    <section className="section" id="sources" aria-labelledby="sources-title">
      <h2 id="sources-title">{t.pipeline.sources}</h2>
      {sources.length === 0 ? (
        <p className="faint">{t.pipeline.noSources}</p>
      ) : (
        <TableScroll label={t.pipeline.sources}>
          <table className="num">
            <thead>
              <tr>
                <th scope="col">{t.pipeline.sourceName}</th>
                <th scope="col">{t.pipeline.shard}</th>
                <th scope="col">{t.pipeline.sourceState}</th>
                <th scope="col" className="n">
                  {t.pipeline.sourceLag}
                </th>
                <th scope="col">{t.pipeline.sourceLast}</th>
              </tr>
            </thead>
            <tbody>
              {sources.map(({ name, shard, state, detail, lagMs, lastRecordAt }) => (
                <tr key={`${name}/${shard}`}>
                  <td>{name}</td>
                  <td className="mono">{shard}</td>
                  <td className={state === 'failing' ? 'strong' : ''}>
                    {t.pipeline.sourceStates[state]}
                    {detail !== undefined && <span className="faint"> · {detail}</span>}
                  </td>
                  <td className="n">{lagMs === undefined ? '–' : format.duration(lagMs)}</td>
                  <td>{lastRecordAt === undefined ? '–' : <Ago at={lastRecordAt} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableScroll>
      )}
    </section>
  )
}
