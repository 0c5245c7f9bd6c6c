import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { useLanguage } from '../language/language'
import { Page } from './page'
import { Empty } from './states'

export function NotFoundScreen() {
  const { t } = useLanguage()
  return (
    <Page title={t.states.notFound}>
      <Empty title={t.states.notFoundPage}>
        <Link to="/" className="button">
          {t.states.home}
        </Link>
      </Empty>
    </Page>
  )
}

export function BrokenScreen({ error }: ErrorComponentProps) {
  const { t } = useLanguage()
  return (
    <main className="page">
      <div className="state failure" role="alert">
        <p className="state-title">{t.states.broken}</p>
        <p className="mono">{error instanceof Error ? error.message : String(error)}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          {t.states.reload}
        </button>
      </div>
    </main>
  )
}
